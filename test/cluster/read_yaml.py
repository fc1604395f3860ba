"""Reads texts with PyYAML: a JSON list of them in base64 on stdin; on stdout, for each, its documents or why there are none."""

import base64
import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Takes tags that it does not know."""


def unknown(loader, suffix, node):
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: loader.construct_sequence,
        yaml.MappingNode: loader.construct_mapping,
    }
    return [suffix, construct[type(node)](node)]


Loader.add_multi_constructor("!", unknown)


def typed(value):
    """Says of every scalar what it is: a reader of JSON would round large numbers, and take 1.0 for 1."""
    if isinstance(value, dict):
        return {str(typed(key)): typed(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [typed(child) for child in value]
    return f"{type(value).__name__} {value}"


def read(text):
    try:
        return [typed(document) for document in yaml.load_all(base64.b64decode(text), Loader)]
    except (yaml.YAMLError, ValueError) as error:
        return str(error)


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
