"""The name that a mistyped one may have meant, by the measure that PostgREST's hints use."""


def closest(word, names, least=0.75):
    """The most similar of the names, if any is similar enough and shares a pair of letters; None otherwise."""
    pairs = _pairs(word)
    scored = [(_similarity(word, name), name) for name in names if pairs & _pairs(name)]
    best = max(scored, default=(0, None))
    return best[1] if best[0] >= least else None


def _pairs(word):
    word = f"-{word.lower()}-"
    return {word[index:index + 2] for index in range(len(word) - 1)}


def _similarity(one, other):
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        last, row[0] = row[0], index
        for column, against in enumerate(other, 1):
            last, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, last + (letter != against))
    return 1 - row[-1] / max(len(one), len(other), 1)
