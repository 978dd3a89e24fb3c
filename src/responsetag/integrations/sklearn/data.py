"""What scikit-learn users hand over as texts and targets, made one kind of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets

from responsetag.errors import ArgumentError
from responsetag.taxonomy import SLUG

Kind = Literal["indicator", "lists", "classes"]


@dataclass(frozen=True)
class Target:
    """Labels of texts.

    Attributes:
        kind: how they were given: an indicator matrix, lists of labels, or one class a text.
        classes: the labels, shape ``(n_labels,)``: names, numbers of columns, or classes.
        true: shape ``(n_texts, n_labels)``.
    """

    kind: Kind
    classes: NDArray[Any]
    true: NDArray[np.bool_]

    @property
    def label_lists(self) -> list[list[str]]:
        """The labels of each text, as strings."""
        names = [str(label) for label in self.classes]
        return [[names[i] for i in np.flatnonzero(row)] for row in self.true]


def read_texts(texts: Any) -> list[str]:
    """Texts from a list, an array, a series, or a frame or array of one column.

    Raises:
        ArgumentError: it is none of these, or an item is not a string.
    """
    if isinstance(texts, str | bytes) or sp.issparse(texts):
        raise ArgumentError(f"X is {type(texts).__name__}; give a list or a column of texts")
    if len(getattr(texts, "shape", (0,))) > 1:
        if texts.shape[1:] != (1,):
            raise ArgumentError(f"X has shape {texts.shape}; give one column of texts")
        texts = texts.to_numpy() if hasattr(texts, "to_numpy") else texts
        texts = np.asarray(texts).ravel()
    try:
        found = list(texts)
    except TypeError as error:
        raise ArgumentError(f"X is {type(texts).__name__}; give a list or a column of texts") from error
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise ArgumentError(f"item {place} of X is {type(text).__name__}, not a text; fill or drop it")
    if not found:
        raise ArgumentError("X has no text (0 samples); give one at least")
    return list(map(str, found))  # numpy has strings of its own


def read_target(y: Any, labels: Sequence[str] | None) -> Target:
    """Labels in the way in which they come.

    Args:
        y: a matrix or frame of 0 and 1, shape ``(n_texts, n_labels)``; or labels of each text, a list or
            set of strings each; or a class of each text.
        labels: names of the columns, or all labels there are; those of the data when None.

    Raises:
        ArgumentError: ``y`` is none of these or does not fit ``labels``.
        ValueError: scikit-learn cannot take the classes for such.
    """
    if y is None:
        raise ArgumentError("fit requires y to be passed, but the target y is None; give labels")
    if not hasattr(y, "__iter__"):
        y = np.asarray(y)  # what has nothing but ``__array__``
    if _is_lists(y):
        return _from_lists([list(some) for some in y], labels)
    columns = getattr(y, "columns", None)
    values = np.asarray(y if not sp.issparse(y) else cast("Any", y).toarray())
    if values.ndim == 2:
        return _from_matrix(values, labels if columns is None else list(columns), labels)
    if labels is not None:
        raise ArgumentError("one class a text: its classes are found in y; leave out labels")
    if values.dtype.kind == "f":
        assert_all_finite(values, input_name="y")
    # numpy makes strings of what is missing between strings.
    if missing := [place for place, one in enumerate(y) if _is_missing(one)]:
        raise ArgumentError(f"item {missing[0]} of y is missing; give its class, or drop the text")
    check_classification_targets(values)
    classes, place = np.unique(values, return_inverse=True)
    if len(classes) < 2:
        raise ArgumentError(f"y has one class only ({classes[0]!r}); give texts of two classes at least")
    return _checked(Target("classes", classes, place[:, None] == np.arange(len(classes))))


def _is_missing(one: object) -> bool:
    return one is None or type(one).__name__ == "NAType" or (isinstance(one, float) and math.isnan(one))


def _is_lists(y: Any) -> bool:
    if isinstance(y, str) or len(getattr(y, "shape", (0,))) != 1:
        return False
    several = [some for some in y if isinstance(some, list | tuple | set | frozenset | np.ndarray)]
    return (
        bool(several) and len(several) == len(y) and all(isinstance(x, str) for some in several for x in some)
    )


def _from_lists(lists: list[list[str]], labels: Sequence[str] | None) -> Target:
    found = {str(label) for some in lists for label in some}
    classes = sorted(found) if labels is None else list(labels)
    if unknown := sorted(found - set(classes)):
        raise ArgumentError(f"y has labels that are not in labels=: {', '.join(unknown)}")
    true = np.array([[label in some for label in classes] for some in lists], dtype=bool)
    return _checked(Target("lists", np.array(classes, dtype=str), true.reshape(len(lists), len(classes))))


def _from_matrix(values: NDArray[Any], names: Sequence[Any] | None, labels: Sequence[str] | None) -> Target:
    classes = np.arange(values.shape[1]) if names is None else np.array([str(name) for name in names])
    if len(classes) != values.shape[1]:
        raise ArgumentError(f"y has {values.shape[1]} columns, and labels= {len(classes)} names")
    if labels is not None and list(classes) != list(labels):
        raise ArgumentError("the columns of y are not those of labels=, in its order; leave out labels=")
    if values.dtype == object or not np.isin(values, (0, 1)).all():
        raise ArgumentError("a matrix y must hold nothing but 0 and 1 (or False and True)")
    return _checked(Target("indicator", classes, values.astype(bool)))


def _checked(target: Target) -> Target:
    names = [str(label) for label in target.classes]
    if not names:
        raise ArgumentError("y has no label at all; give one at least")
    if wrong := [name for name in names if not SLUG.fullmatch(name)]:
        raise ArgumentError(
            f"{wrong[0]!r} cannot be a label: rename it (1 to 64 characters, without spaces and commas)"
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ArgumentError(f"labels that occur twice: {', '.join(twice)}")
    return target
