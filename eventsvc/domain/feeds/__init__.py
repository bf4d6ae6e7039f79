"""Feeds: which events a calendar address shows, when that last changed, and the finished bytes on the shelf."""
