"""Run the command line as `python -m toxic_tweets`."""

from toxic_tweets.cli import main

if __name__ == "__main__":
    main()
