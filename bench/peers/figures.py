"""Small statistics."""
import math
import statistics


def spread(values):
    """Median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def percentile(values, share):
    """The value that so large a share of them does not exceed: no value is made up between two."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * 1000) * len(ordered) // 1000) - 1)]


def latency(seconds):
    return {"p50": percentile(seconds, 0.5), "p99": percentile(seconds, 0.99), "mean": statistics.fmean(seconds)}


def largest_difference(first, second):
    """Of two tables of one shape, else ValueError; infinite where there is something that is no number."""
    found = [abs(a - b) for row, other in zip(first, second, strict=True) for a, b in zip(row, other, strict=True)]
    return math.inf if any(map(math.isnan, found)) else max(found)


def same_labels(first, second):
    """The share of rows whose highest score stands at the same place."""
    same = sum(row.index(max(row)) == other.index(max(other)) for row, other in zip(first, second, strict=True))
    return same / len(first)
