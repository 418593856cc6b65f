"""Let tap-exacttarget discover the streams of an account and sync all but those in the arguments; print records."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

TAP = [sys.executable, "-c", "from tap_exacttarget import main; main()"]
DAY = (
    "sent",
    "click",
    "open",
    "bounce",
    "unsub",
    "list_subscriber",
    "subscriber",
    "data_extension",
)


def run(*arguments: str) -> str:
    """Run the tap and return its standard output; exit with its own message if it fails."""
    done = subprocess.run([*TAP, "-c", "config.json", *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return done.stdout


begin = datetime.now(UTC) - timedelta(days=3)
configuration = {
    "client_id": os.environ["SFMC_CLIENT_ID"],
    "client_secret": os.environ["SFMC_CLIENT_SECRET"],
    "tenant_subdomain": os.environ["SFMC_TENANT"],
    "start_date": begin.strftime("%Y-%m-%dT%H:%M:%SZ"),
    # Small, so that it asks for more pages.
    "batch_size": 2,
}
for each in DAY:
    configuration[f"pagination__{each}_interval_unit"] = "days"
    configuration[f"pagination__{each}_interval_quantity"] = "1"
Path("config.json").write_text(json.dumps(configuration))

catalog = json.loads(run("--discover"))
for stream in catalog["streams"]:
    for part in stream["metadata"]:
        part["metadata"]["selected"] = stream["stream"] not in sys.argv[1:]
Path("catalog.json").write_text(json.dumps(catalog))
messages = [json.loads(line) for line in run("-p", "catalog.json").splitlines()]
records = Counter(each["stream"] for each in messages if each["type"] == "RECORD")
names = [stream["stream"] for stream in catalog["streams"]]
print(json.dumps({name: records[name] for name in names}))
