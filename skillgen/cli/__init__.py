"""The command line: options in, calls to the pipeline, text or JSON out."""
