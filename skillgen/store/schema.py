"""The tables of the truth, their version, and what is kept of an older one."""

from __future__ import annotations

SCHEMA_VERSION = "6"
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE page (
    source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, recipe TEXT NOT NULL,
    title TEXT NOT NULL, url TEXT, text TEXT NOT NULL, media TEXT NOT NULL, meta TEXT NOT NULL,
    removed TEXT NOT NULL, facts TEXT NOT NULL, sketch BLOB NOT NULL, context TEXT NOT NULL DEFAULT '{}');
CREATE TABLE block (
    source TEXT NOT NULL REFERENCES page ON DELETE CASCADE, ordinal INTEGER NOT NULL, kind TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, depth INTEGER NOT NULL, heading_path TEXT NOT NULL,
    header TEXT, PRIMARY KEY (source, ordinal)) WITHOUT ROWID;
CREATE TABLE span (
    source TEXT NOT NULL, block INTEGER NOT NULL, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (source, block, ordinal),
    FOREIGN KEY (source, block) REFERENCES block (source, ordinal) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE chunk (
    chunk_id TEXT PRIMARY KEY, source TEXT NOT NULL REFERENCES page ON DELETE CASCADE, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, heading_path TEXT NOT NULL,
    text TEXT NOT NULL, first_block INTEGER NOT NULL, last_block INTEGER NOT NULL,
    text_sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX chunk_by_source ON chunk (source, start);
CREATE INDEX chunk_by_text ON chunk (text_sha256);
CREATE TABLE finding (
    source TEXT NOT NULL, page INTEGER NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, message TEXT NOT NULL,
    line INTEGER);
CREATE INDEX finding_by_source ON finding (source);
CREATE TABLE IF NOT EXISTS embedding (
    embedder TEXT NOT NULL, text_sha256 TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (embedder, text_sha256)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reply (
    key TEXT PRIMARY KEY, prompt TEXT NOT NULL, model TEXT NOT NULL, reply TEXT NOT NULL,
    tokens_in INTEGER, tokens_out INTEGER, cost REAL, created TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reply_source (
    source TEXT NOT NULL, sha256 TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (source, sha256, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reply_source_by_key ON reply_source (key);
CREATE TABLE asked (task TEXT NOT NULL, text_sha256 TEXT NOT NULL, PRIMARY KEY (task, text_sha256)) WITHOUT ROWID;
"""
# What a workspace of an older format keeps: vectors and models' replies are dear, and their form has not changed. The
# rest is read anew. Replies without their sources could not be forgotten, so both tables stay or neither.
KEPT_TABLES = {
    "embedding": ("embedder", "text_sha256", "vector"),
    "reply": ("key", "prompt", "model", "reply", "tokens_in", "tokens_out", "cost", "created"),
    "reply_source": ("source", "sha256", "key"),
}
