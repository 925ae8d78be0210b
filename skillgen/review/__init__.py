"""Review: a local web page on which people decide about a draft's claims."""
