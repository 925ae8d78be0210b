"""Serve a model on loopback until standard input ends, which it does when whoever started this is gone.

python serve.py FILE NAME PORT CONTEXT THREADS
"""

from __future__ import annotations

import importlib
import os
import sys

# Prompts whose reading is kept for the next one that begins alike, in MiB.
_PROMPT_CACHE = 512


def main() -> None:
    """Serve; requests are answered one at a time."""
    xllamacpp = importlib.import_module("xllamacpp")  # where `installed_runtime` put it
    file, name, port, context, threads = sys.argv[1:]
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.n_ctx = int(context)
    params.n_parallel = 1
    params.cache_ram_mib = _PROMPT_CACHE
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = int(threads)
        cpu.poll = 0  # waiting threads would take the processor from everybody else
    _server = xllamacpp.Server(params)
    sys.stdin.read()
    os._exit(0)  # a server that is at work would finish its request first


if __name__ == "__main__":
    main()
