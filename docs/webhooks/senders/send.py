"""Send a JSON file to Sluice, signed as Standard Webhooks says. Needs Python alone.

SLUICE_SECRET=whsec_… python send.py https://<app>/api/webhooks/generic payload.json
"""

import base64
import hashlib
import hmac
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request
import uuid


def signed(body, secret, message_id, now):
    """The headers that prove who sends `body`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def main(url, file):
    """Send the file; 0 when it was taken."""
    body = pathlib.Path(file).read_bytes()
    # To send the same event again, send the same id.
    message_id = f"msg_{uuid.uuid4().hex}"
    headers = signed(body, os.environ["SLUICE_SECRET"], message_id, int(time.time()))
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            print(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
