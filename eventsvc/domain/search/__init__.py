"""Search: which words lead to an event, a room or a person. It knows none of them; `workflows/keep_search` tells it.

Both databases give the same answers, because words are folded here (`folding`) and the databases' own full-text
indexes are handed nothing but folded words.
"""
