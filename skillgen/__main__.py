"""`python -m skillgen` and the `skillgen` command."""

from skillgen.cli.app import main

if __name__ == "__main__":
    main()
