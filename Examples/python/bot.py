#!/usr/bin/env python3
import json, sys

for line in sys.stdin:
    ask = json.loads(line)
    answer = {"id": ask["id"]}
    if "open" in ask.get("text", "").lower():
        answer["reply"] = "We are open from 9 to 6."
    print(json.dumps(answer), flush=True)
