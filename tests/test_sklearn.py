from __future__ import annotations

import json
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import sklearn
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

import responsetag
from integration_texts import LABELS, paragraphs
from responsetag import ArgumentError, ModelError, Tagger
from responsetag.integrations.sklearn import ResponseTagClassifier, ResponseTagVectorizer
from responsetag.linear import sigmoid
from responsetag.training.run import train

TEXTS, GIVEN = paragraphs()
Y = np.array([[label in given for label in LABELS] for given in GIVEN], dtype=int)
MORE = [
    "值班民警在路口测量体温。",
    "——",
    "給封控小區送去大米,,&ldquo;蔬菜&rdquo;，並消毒。",
    "",
    "天气转晴。",
]


@pytest.fixture(scope="module")
def fitted() -> ResponseTagClassifier:
    return ResponseTagClassifier(labels=LABELS, folds=2).fit(TEXTS, Y)


# What scikit-learn checks estimators with is numbers. These say them as words, so that everything it asks of
# a classifier and of a transformer is asked here too.
_WORDS = [a + b for a in "消防救援转移群众物资" for b in "甲乙丙丁戊己庚辛"]


def in_words(numbers: NDArray[Any]) -> list[str]:
    places = np.clip(np.asarray(numbers, dtype=float) * 2 + 4, 0, 7).astype(int)
    return ["，".join(_WORDS[(i * 8 + v) % len(_WORDS)] for i, v in enumerate(row)) for row in places]


class NumbersClassifier(ResponseTagClassifier):
    def fit(self, X: Any, y: Any, groups: Any = None) -> Any:  # noqa: N803
        return super().fit(in_words(validate_data(self, X)), y, groups)

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        check_is_fitted(self)
        return super().predict_proba(in_words(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self) -> Any:
        return on_numbers(super().__sklearn_tags__())


class NumbersVectorizer(ResponseTagVectorizer):
    def fit(self, X: Any, y: Any = None) -> Any:  # noqa: N803, ARG002
        return super().fit(in_words(validate_data(self, X)))

    def transform(self, X: Any) -> Any:  # noqa: N803
        check_is_fitted(self)
        return super().transform(in_words(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self) -> Any:
        return on_numbers(super().__sklearn_tags__())


def on_numbers(tags: Any) -> Any:
    tags.input_tags.two_d_array, tags.input_tags.string, tags.input_tags.one_d_array = True, False, False
    return tags


NOT_MET = {
    "check_supervised_y_2d": "a matrix y of one column is an indicator of one label, not a column of classes",
}


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [NumbersClassifier(folds=2, min_df=1), NumbersVectorizer(min_df=1)],
    expected_failed_checks=lambda estimator: NOT_MET if isinstance(estimator, NumbersClassifier) else {},
    xfail_strict=True,
)
def test_scikit_learns_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def test_on_texts_scikit_learn_checks_no_more_than_cloning() -> None:
    for estimator in (ResponseTagClassifier(), ResponseTagVectorizer()):
        with pytest.warns(SkipTestWarning, match="string=True"):
            check_estimator(estimator)


def test_it_trains_what_train_trains(tmp_path: Path) -> None:
    rows = [
        {"id": f"r{i}", "genre": "t", "origin": "t", "sentences": [{"text": text, "labels": list(given)}]}
        for i, (text, given) in enumerate(zip(TEXTS, GIVEN, strict=True))
    ]
    corpus, labels = tmp_path / "c.jsonl", tmp_path / "labels.json"
    corpus.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    labels.write_text(json.dumps({"labels": [{"slug": label} for label in LABELS]}), encoding="utf-8")
    result = train(corpus, labels, tmp_path, "own", "1.0.0")
    classifier = ResponseTagClassifier(labels=LABELS).fit(TEXTS, Y)
    assert classifier.model_.manifest.training == result.model.manifest.training
    assert (classifier.model_.weights == result.model.weights).all()
    assert classifier.model_.manifest.thresholds == result.model.manifest.thresholds
    assert classifier.evaluation_.labels == result.evaluation.labels
    written = responsetag.load(tmp_path / "own" / "1.0.0")
    assert (classifier.predict_proba(MORE) == written.predict_proba(MORE)).all()
    # Another seed draws other folds.
    other = ResponseTagClassifier(labels=LABELS, random_state=1).fit(TEXTS, Y)
    assert other.model_.manifest.calibration != classifier.model_.manifest.calibration


def test_what_it_predicts(fitted: ResponseTagClassifier) -> None:
    assert fitted.classes_.tolist() == list(LABELS)
    assert fitted.tagger_.tag(MORE[0]).labels == ("screening",)
    assert fitted.tagger_.tag(MORE[0]).tags[0].evidence is not None
    scores, given = fitted.predict_proba(MORE), fitted.predict(MORE)
    assert (scores == fitted.tagger_.predict_proba(MORE)).all()
    assert given.dtype == np.int64
    assert (given == fitted.tagger_.predict(MORE)).all()
    assert given[0].tolist() == [0, 1, 0]
    odds = fitted.decision_function([*TEXTS, *MORE])
    assert np.isfinite(odds).all()
    assert ((odds >= 0) == fitted.predict([*TEXTS, *MORE])).all()
    assert fitted.score(TEXTS, Y) == (fitted.predict(TEXTS) == Y).all(axis=1).mean() > 0.9


@pytest.mark.parametrize(
    "given",
    [
        list,
        tuple,
        np.array,
        lambda x: np.array(x, dtype=object),
        pd.Series,
        pl.Series,
        lambda x: pd.DataFrame({"t": x}),
        lambda x: np.array(x)[:, None],
    ],
)
def test_texts_come_in_many_ways(fitted: ResponseTagClassifier, given: Callable[[list[str]], Any]) -> None:
    assert (fitted.predict_proba(given(MORE)) == fitted.predict_proba(MORE)).all()


def test_labels_come_in_many_ways(fitted: ResponseTagClassifier) -> None:
    expected = fitted.predict_proba(MORE)
    frame = pd.DataFrame(Y.astype(bool), columns=list(LABELS))
    for y, labels, classes in (
        (frame, None, list(LABELS)),
        (pl.from_pandas(frame), None, list(LABELS)),
        (sp.csr_array(Y), LABELS, list(LABELS)),
        (Y.tolist(), None, [0, 1, 2]),
        (GIVEN, LABELS, list(LABELS)),
        (pd.Series([set(given) for given in GIVEN]), LABELS, list(LABELS)),
    ):
        classifier = ResponseTagClassifier(labels=labels, folds=2).fit(TEXTS, y)
        assert classifier.classes_.tolist() == classes
        assert (classifier.predict_proba(MORE) == expected).all()
    lists = ResponseTagClassifier(folds=2).fit(TEXTS, GIVEN)
    assert lists.classes_.tolist() == sorted(LABELS)
    assert lists.predict(MORE[:2]) == [("screening",), ()]
    assert lists.score(TEXTS, GIVEN) > 0.9
    assert lists.score(["——"], [[]]) == 1


def test_one_label(fitted: ResponseTagClassifier) -> None:
    single = ResponseTagClassifier(folds=2).fit(TEXTS, Y[:, [1]])
    assert single.predict(MORE).shape == (5, 1)
    np.testing.assert_allclose(single.predict_proba(MORE)[:, 0], fitted.predict_proba(MORE)[:, 1], atol=0.02)


def test_one_class_a_text() -> None:
    alone = [i for i, given in enumerate(GIVEN) if len(given) < 2]
    texts, classes = [TEXTS[i] for i in alone], np.array([next(iter(GIVEN[i]), "none") for i in alone])
    several = ResponseTagClassifier(folds=2).fit(texts, classes)
    assert several.classes_.tolist() == ["none", "screening", "supply", "消毒"]
    assert several.predict(MORE[:1]).tolist() == ["screening"]
    scores = several.predict_proba([*texts, *MORE])
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert (several.classes_[scores.argmax(axis=1)] == several.predict([*texts, *MORE])).all()
    assert cross_val_score(ResponseTagClassifier(folds=2), texts, classes, cv=2).mean() > 0.5  # of four
    two = ResponseTagClassifier(folds=2).fit(texts, classes != "none")
    assert two.classes_.tolist() == [False, True]
    assert two.decision_function(MORE).shape == (5,)
    assert ((two.decision_function(texts) > 0) == two.predict(texts)).all()


def test_it_works_inside_scikit_learn() -> None:
    classifier = ResponseTagClassifier(labels=LABELS, folds=2)
    grid = {"classifier__C": np.array([0.02, 0.1])}
    pipeline = sklearn.pipeline.Pipeline([("classifier", classifier)])
    search = GridSearchCV(pipeline, grid, scoring="f1_micro", cv=2).fit(TEXTS, Y)
    assert search.best_score_ > 0.7
    assert search.best_estimator_["classifier"].C in grid["classifier__C"]
    # What a grid sets is numpy's; the manifest holds plain numbers all the same.
    assert search.best_estimator_["classifier"].model_.manifest.to_json()
    scores = cross_val_predict(classifier, pd.Series(TEXTS), Y, cv=2, method="predict_proba")
    assert scores.shape == Y.shape
    assert ((scores > 0.5) == Y).mean() > 0.8


def test_documents_are_held_out_together() -> None:
    documents = [text[:2] for text in TEXTS]
    alone = ResponseTagClassifier(labels=LABELS, folds=2).fit(TEXTS, Y)
    together = ResponseTagClassifier(labels=LABELS, folds=2).fit(TEXTS, Y, groups=documents)
    assert (alone.model_.weights == together.model_.weights).all()
    assert alone.model_.manifest.calibration != together.model_.manifest.calibration
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = ResponseTagClassifier(labels=LABELS, folds=2).set_fit_request(groups=True)
        found = cross_validate(
            classifier, TEXTS, Y, cv=GroupKFold(2), params={"groups": documents}, return_estimator=True
        )
    assert len(found["estimator"]) == 2


def test_frames_of_scores(fitted: ResponseTagClassifier) -> None:
    series = pd.Series(MORE, index=list("abcde"))
    frame = clone(fitted).fit(TEXTS, Y).set_output(transform="pandas").transform(series)
    assert frame.columns.tolist() == list(LABELS)
    assert frame.index.tolist() == list("abcde")
    assert (frame.to_numpy() == fitted.predict_proba(MORE)).all()
    assert isinstance(clone(fitted).set_output(transform="polars").fit_transform(TEXTS, Y), pl.DataFrame)
    table = pd.DataFrame({"text": TEXTS, "length": list(map(len, TEXTS))})
    columns = ColumnTransformer([("t", clone(fitted), "text")], remainder="passthrough")
    assert columns.fit_transform(table, Y).shape == (len(TEXTS), 4)
    assert columns.get_feature_names_out().tolist() == [
        *(f"t__{label}" for label in LABELS),
        "remainder__length",
    ]


def test_a_tagger_becomes_a_pipeline(tagger: Tagger, sentences: list[str]) -> None:
    pipeline = tagger.to_sklearn()
    some = [*sentences[::2000], *MORE]
    np.testing.assert_allclose(pipeline.predict_proba(some), tagger.predict_proba(some), atol=1e-5, rtol=0)
    assert (pipeline.predict(some) == tagger.predict(some)).all()
    assert pipeline.classes_.tolist() == list(tagger.labels)
    again = clone(pipeline)
    with pytest.raises(NotFittedError):
        again.predict(some)
    assert (
        again["classifier"].get_params()
        == ResponseTagClassifier(labels=tagger.labels, min_df=3, folds=5).get_params()
    )
    with pytest.raises(ArgumentError, match=r"copy its directory"):
        pipeline["classifier"].save("x", name="a", version="1.0.0")


def test_features_and_weights_give_the_scores(tagger: Tagger, sentences: list[str]) -> None:
    """As plain matrices, without this package's way of adding up."""
    classifier = tagger.to_sklearn()["classifier"]
    some = ["".join(sentences[i : i + 3]) for i in range(0, len(sentences), 1500)]
    rows, text = classifier.vectorizer_.transform_windows(some)
    windows = rows @ classifier.coef_.T + classifier.intercept_
    assert classifier.coef_.shape == (len(tagger.labels), len(classifier.vectorizer_.get_feature_names_out()))
    best = np.array([windows[text == i].max(axis=0) for i in range(len(some))])
    calibration = classifier.model_.manifest.calibration
    scores = sigmoid(best * calibration.slope + calibration.intercept)
    np.testing.assert_allclose(scores, tagger.predict_proba(some), atol=1e-5, rtol=0)


def test_the_features_for_another_classifier() -> None:
    vectorizer = ResponseTagVectorizer(min_df=2, power=1.0)
    rows = vectorizer.fit_transform(TEXTS)
    names = vectorizer.get_feature_names_out().tolist()
    assert rows.shape == (len(TEXTS), len(names))
    assert len(set(names)) == len(names)
    assert {"word__消毒", "run__消毒"} <= set(names)
    np.testing.assert_allclose(sp.linalg.norm(rows, axis=1), 1)
    assert (vectorizer.transform(["——"]).toarray() == 0).all()
    assert vectorizer.transform_windows(["——", "消毒，消毒。"]).text.tolist() == [1, 1, 1]
    simplified, traditional = vectorizer.transform(["给楼道消毒", "給樓道消毒"]).toarray()
    assert (simplified == traditional).all()
    own = make_pipeline(vectorizer, OneVsRestClassifier(LogisticRegression(C=100)))
    assert cross_val_score(own, TEXTS, Y, scoring="f1_micro", cv=2).mean() > 0.7


def test_it_is_kept(fitted: ResponseTagClassifier, tmp_path: Path) -> None:
    joblib.dump(fitted, tmp_path / "c.joblib")
    for again in (joblib.load(tmp_path / "c.joblib"), pickle.loads(pickle.dumps(fitted))):
        assert (again.predict_proba(MORE) == fitted.predict_proba(MORE)).all()
    directory = fitted.save(tmp_path, name="mine", version="1.0.0")
    tagger = responsetag.load(directory)
    assert str(tagger.info.name) == "mine"
    assert (tagger.predict_proba(MORE) == fitted.predict_proba(MORE)).all()
    with pytest.raises(ModelError, match="exists"):
        fitted.save(tmp_path, name="mine", version="1.0.0")
    with pytest.raises(ModelError, match=r"form 1\.2\.3"):
        fitted.save(tmp_path, name="mine", version="one")


@pytest.mark.parametrize(
    ("settings", "texts", "y", "message"),
    [
        ({}, "消毒", Y, "list or a column of texts"),
        ({}, 3, Y, "list or a column of texts"),
        ({}, [*TEXTS[:-1], None], Y, rf"item {len(TEXTS) - 1} of X is NoneType"),
        ({}, np.zeros((len(TEXTS), 2)), Y, r"shape \(\d+, 2\)"),
        ({}, TEXTS[:5], Y, rf"5 texts, and y {len(TEXTS)}"),
        ({}, TEXTS[:5], Y[:5], "5 paragraphs; training needs 10"),
        ({}, [], [], "no text"),
        ({}, TEXTS, None, "requires y"),
        ({}, TEXTS, Y * 2, "nothing but 0 and 1"),
        ({}, TEXTS, ["a"] * len(TEXTS), "one class only"),
        ({}, TEXTS, [("a b",)] * len(TEXTS), "cannot be a label"),
        ({}, TEXTS, [()] * len(TEXTS), "no label at all"),
        ({"labels": ["消毒"]}, TEXTS, GIVEN, "not in labels=: screening, supply"),
        ({"labels": ["消毒"]}, TEXTS, Y, "3 columns, and labels= 1 names"),
        ({"labels": ["消毒", "消毒", "x"]}, TEXTS, Y, "occur twice: 消毒"),
        ({"labels": ["x"]}, TEXTS, np.arange(len(TEXTS)) % 2, "leave out labels"),
        ({"windows": (2, 3)}, TEXTS, Y, "windows must be whole numbers of 1 to 16"),
        ({"longest_run": 4}, TEXTS, Y, "longest_run must be 1, 2 or 3, not 4"),
        ({"C": 0}, TEXTS, Y, "C must be a number above 0"),
        ({"C": np.inf}, TEXTS, Y, "C must be a number above 0"),
        ({"C": "1"}, TEXTS, Y, "C must be a number above 0"),
        ({"min_df": 1.5}, TEXTS, Y, "min_df must be a whole number"),
        ({"windows": 2}, TEXTS, Y, "windows must be whole numbers"),
        ({"windows": (1, 2.5)}, TEXTS, Y, "windows must be whole numbers"),
        ({"random_state": -1}, TEXTS, Y, "random_state must be a whole number"),
        ({}, TEXTS, [np.nan, *"ab" * len(TEXTS)][: len(TEXTS)], "item 0 of y is missing"),
        ({}, TEXTS, pd.Series(["a", None, *"ab" * len(TEXTS)][: len(TEXTS)]), "item 1 of y is missing"),
        ({"min_df": 10_000}, TEXTS, Y, "give more paragraphs"),
    ],
)
def test_what_cannot_be_used_is_refused(settings: dict[str, Any], texts: Any, y: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as raised:
        ResponseTagClassifier(**settings).fit(texts, y)
    assert isinstance(raised.value, ValueError)


def test_without_scikit_learn_it_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "sys.modules['sklearn'] = None\n"
        "import responsetag\n"
        "try: responsetag.load().to_sklearn()\n"
        "except responsetag.MissingExtraError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'responsetag[train]'" in done.stdout
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "C=0.02" not in repr(ResponseTagClassifier())  # only what is changed
