"""A real chat model of 1.5 billion parameters on this machine: got from packages, served on loopback, measured."""
