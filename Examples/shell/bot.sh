#!/bin/sh
# A line is NUMBER<TAB>TEXT; its answer is one line, and an empty one leaves the text to the next responder.
tab=$(printf '\t')
while IFS=$tab read -r number text; do
    case $text in
        *[Oo]pen* | *[Hh]ours*) echo "We are open from 9 to 6." ;;
        *[Nn]umber*) echo "You wrote from $number." ;;
        *) echo ;;
    esac
done
