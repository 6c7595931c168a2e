#!/usr/bin/env python3
"""int8_kernels.py: how near the int8 kernels come to the processor's peak, with one thread and with all."""
import json
import os
import subprocess

import record


def main():
    for threads in sorted({1, os.cpu_count()}):
        done = subprocess.run([record.ROOT / "build/bench/int8_bench", str(threads)], stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        print(f"{found['isa']}, threads: {threads}\n   in    out   rows  Gop/s  of peak")
        for product in found["products"]:
            share = f"{100 * product['share']:6.0f} %" if "share" in product else "       -"
            print(f"{product['in']:5} {product['out']:6} {product['rows']:6} {product['gops']:6.0f} {share}")
        record.save("int8", f"{found['isa']}, threads: {threads}", threads, found)


main()
