"""A scikit-learn classifier that trains and applies models of this package, and their features for others.
Needs the extra ``train``.

>>> from responsetag.integrations.sklearn import ResponseTagClassifier
>>> classifier = ResponseTagClassifier().fit(texts, indicator)
"""

from responsetag.errors import MissingExtraError

try:
    import sklearn  # noqa: F401 - everything below needs it
except ImportError as error:
    raise MissingExtraError("scikit-learn", "train", "responsetag.integrations.sklearn") from error

from responsetag.integrations.sklearn.classifier import ResponseTagClassifier, to_sklearn
from responsetag.integrations.sklearn.vectorizer import ResponseTagVectorizer

__all__ = ["ResponseTagClassifier", "ResponseTagVectorizer", "to_sklearn"]
