"""The frozen records that pass between stages. No input or output, no third-party import."""
