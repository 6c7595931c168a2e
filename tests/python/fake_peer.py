"""fake_peer.py ENGINE_WORKER LOG NAME [WHAT]: a peer for tests of the bench, which is our engine under another name.

Every request is noted in LOG. WHAT: "off=0.01" moves its probabilities by so much, "dies=stream" ends it at that request,
"hangs=stream" lets it sleep there."""
import json
import pathlib
import subprocess
import sys
import time


def main():
    engine, log, name = sys.argv[1:4]
    what, _, value = (sys.argv[4] if len(sys.argv) > 4 else "").partition("=")
    with subprocess.Popen([engine], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as real:
        for line in sys.stdin:
            request = json.loads(line)
            with pathlib.Path(log).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, **request}) + "\n")
            if request["do"] == value:
                if what == "dies":
                    print("out of luck", file=sys.stderr)
                    real.kill()
                    return
                time.sleep(60)
            real.stdin.write(line)
            real.stdin.flush()
            reply = json.loads(real.stdout.readline())
            if what == "off" and "probabilities" in reply:
                reply["probabilities"] = [[row[0] - float(value), row[1] + float(value), *row[2:]]
                                          for row in reply["probabilities"]]
            print(json.dumps(reply), flush=True)
        real.stdin.close()


main()
