"""What a fitted classifier says of texts, and the weights that it says it by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from responsetag.integrations.sklearn.data import Kind, read_target, read_texts
from responsetag.integrations.sklearn.vectorizer import ResponseTagVectorizer, text_tags
from responsetag.lanes import decode
from responsetag.model.artifact import Model
from responsetag.tagger import Tagger

# Log odds of probabilities that are 0 or 1 to the last bit would not be finite.
_LEAST = 1e-15


class TaggerClassifier(TransformerMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc] # untyped
    """Everything of the classifier but its training."""

    def _take(self, tagger: Tagger, model: Model, classes: NDArray[Any], kind: Kind) -> None:
        self.tagger_, self.model_, self.classes_, self._kind = tagger, model, classes, kind

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Calibrated scores, shape ``(n_texts, n_labels)``, values 0 to 1. With one class a text they
        are divided by their sum."""
        check_is_fitted(self)
        tagger: Tagger = self.tagger_
        scores = tagger.predict_proba(read_texts(X))
        if self._kind != "classes":
            return scores
        total = scores.sum(axis=1, keepdims=True)
        alike = np.full_like(scores, 1 / scores.shape[1])  # a text without words says nothing
        divided: NDArray[np.float64] = np.divide(scores, total, out=alike, where=total > 0)
        return divided

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """How far log odds lie above the label's threshold, shape ``(n_texts, n_labels)``: 0 or more where
        the label is given. With one class a text, log odds of each class; of the second where there are two,
        shape ``(n_texts,)``."""
        odds = _log_odds(self.predict_proba(X))
        if self._kind != "classes":
            return odds - _log_odds(np.array(list(self.tagger_.thresholds.values())))
        return odds[:, 1] if odds.shape[1] == 2 else odds

    def predict(self, X: Any) -> Any:  # noqa: N803
        """Labels in the way in which ``y`` had them: an indicator matrix of 0 and 1, shape ``(n_texts,
        n_labels)``; a list of tuples of labels; or the likeliest class, shape ``(n_texts,)``."""
        scores = self.predict_proba(X)
        if self._kind == "classes":
            return np.asarray(self.classes_[scores.argmax(axis=1)])
        given = self.tagger_.decide(scores)
        if self._kind == "lists":
            return [tuple(self.classes_[row].tolist()) for row in given]
        return given.astype(np.int64)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """The share of texts whose labels are all right."""
        predicted = self.predict(X)
        if self._kind == "lists":  # which scikit-learn's metrics do not take
            labels = self.classes_.tolist()
            y, predicted = read_target(y, labels).true, read_target(predicted, labels).true
        return float(accuracy_score(y, predicted, sample_weight=sample_weight))

    def transform(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """The same as :meth:`predict_proba`; as a frame with a column a label after
        ``set_output(transform="pandas")``. Scores of texts that were fitted on are too good to train others
        on: use ``cross_val_predict`` for these."""
        return self.predict_proba(X)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """The labels, shape ``(n_labels,)``: names of the columns of :meth:`transform`."""
        check_is_fitted(self)
        return np.array([str(label) for label in self.classes_], dtype=object)

    @property
    def vectorizer_(self) -> ResponseTagVectorizer:
        """The features: margins are ``vectorizer_.transform_windows(X).rows @ coef_.T + intercept_``, of
        which a text has the highest a label."""
        check_is_fitted(self)
        model: Model = self.model_
        features = model.manifest.features
        vectorizer = ResponseTagVectorizer(
            min_df=model.manifest.training["min_df"],
            longest_run=len(model.vocabulary.runs),
            power=features["power"],
            windows=tuple(features["windows"]),
        )
        return vectorizer.take(model.vocabulary, _idf(model))

    @property
    def coef_(self) -> NDArray[np.float64]:
        """Weights as they are stored, rounded; shape ``(n_labels, n_features)``. Made anew at each access."""
        check_is_fitted(self)
        model: Model = self.model_
        weights = decode(model.weights)[:, :-1] * model.scale[:-1].astype(np.float64)
        return np.ascontiguousarray((weights / _idf(model)[:, None]).T)

    @property
    def intercept_(self) -> NDArray[np.float64]:
        """Shape ``(n_labels,)``."""
        check_is_fitted(self)
        return np.asarray(self.model_.bias, dtype=np.float64)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "tagger_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        text_tags(tags)
        tags.classifier_tags.multi_label = True
        return tags


def _idf(model: Model) -> NDArray[np.float64]:
    """As it is stored, rounded; shape ``(n_features,)``."""
    idf: NDArray[np.float64] = np.sqrt(decode(model.weights[:, -1].copy()) * float(model.scale[-1]))
    return idf


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    p = probabilities.clip(_LEAST, 1 - _LEAST)
    odds: NDArray[np.float64] = np.log(p / (1 - p))
    return odds
