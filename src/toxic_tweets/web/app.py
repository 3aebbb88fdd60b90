"""The script that Streamlit runs for every visitor and every click."""

from toxic_tweets.web.frame import show_page

show_page()
