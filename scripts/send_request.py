"""Sends texts to a hashing endpoint and prints the answer; needs no curl.

python scripts/send_request.py http://127.0.0.1:8501/v1/models/wish "a text" ...
"""

import json
import sys
import urllib.request

if len(sys.argv) < 3:
    sys.exit(__doc__)
url, texts = f"{sys.argv[1]}:predict", sys.argv[2:]
body = json.dumps({"instances": texts})
print(f"POST {url}\n{body}")
request = urllib.request.Request(url, body.encode(), method="POST")
with urllib.request.urlopen(request, timeout=30) as answer:
    print(answer.status, answer.read().decode())
