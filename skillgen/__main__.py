"""`python -m skillgen` and the `skillgen` command."""

import sys


def main() -> None:
    """Run the command line; an interrupt while it is still being loaded ends it just as quietly."""
    try:
        from skillgen.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
