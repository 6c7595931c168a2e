#!/usr/bin/env python3
"""encoder.py: how near a whole encoder comes to the time of its arithmetic at the peak, with one thread and with all."""
import json
import os
import subprocess

import record


def main():
    for threads in sorted({1, os.cpu_count()}):
        done = subprocess.run([record.ROOT / "build/bench/encoder_bench", str(threads)], stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        print(f"{found['isa']}, threads: {threads}: milliseconds a sentence, floor over time (of the medians, of the best), "
                  "nanoseconds from thread to thread and back")
        for row in found["encoders"]:
            cells = [f"{kind} {row[kind]['ms']:8.3f} ms " +
                     (f"{row[kind]['share']:5.2f} {row[kind]['best_share']:5.2f}" if "share" in row[kind] else "")
                     for kind in ("lone", "batch")]
            print(f"{row['model']:16} {row['tokens']:4} tokens   " + "   ".join(cells) + f"   {row['round_trip_ns']:5.0f} ns")
        record.save("encoder", f"{found['isa']}, threads: {threads}", threads, found)


main()
