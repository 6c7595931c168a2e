#!/usr/bin/env python3
"""products.py: how near the kernels come to the processor's peak, with one thread and with all."""
import json
import os
import subprocess

import record


def main():
    for threads in sorted({1, os.cpu_count()}):
        done = subprocess.run([record.ROOT / "build/bench/product_bench", str(threads)], stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        print(f"{found['isa']}, threads: {threads}\nformat    in    out   rows  Gop/s  of peak")
        for product in found["products"]:
            share = f"{100 * product['share']:6.0f} %" if "share" in product else "       -"
            print(f"{product['format']:6} {product['in']:5} {product['out']:6} {product['rows']:6} {product['gops']:6.0f} {share}")
        record.save("products", f"{found['isa']}, threads: {threads}", threads, found)


main()
