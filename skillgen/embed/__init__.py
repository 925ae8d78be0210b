"""Embed: texts to unit vectors, by a model on this machine, an embedding server, or plain hashing for tests."""

from skillgen.embed.hashing import HashEmbedder
from skillgen.embed.local import ModelFile, english_vocabulary, local_embedder, verify_local_model
from skillgen.embed.named import named_embedder
from skillgen.embed.server import ServerEmbedder, server_embedder

__all__ = [
    "HashEmbedder",
    "ModelFile",
    "ServerEmbedder",
    "english_vocabulary",
    "local_embedder",
    "named_embedder",
    "server_embedder",
    "verify_local_model",
]
