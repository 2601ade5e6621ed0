import os
import subprocess
import sys
import unicodedata

import pytest
import tensorflow as tf
from sklearn.feature_extraction.text import CountVectorizer
from tensorflow_text import case_fold_utf8

from wish_tf import InputError
from wish_tf.layers import Analyzer
from wish_tf.layers.analyzer import _UNSPACED, has_unspaced

NOTHING_OUT = {"min_token_length": 1, "stop_words": None}


def terms(text: str, **settings) -> list[str]:
    found = Analyzer(**{**NOTHING_OUT, **settings})(tf.constant([text]))
    return [term.decode() for term in found.values.numpy()]


def folded(text: str) -> str:
    return case_fold_utf8([text]).numpy()[0].decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The RED fox_2, e-mail", "the red fox_2 e mail"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("ﬁn x² Ⅷ", "fin x2 viii"),
        ("É e\u0301", "é é"),
        ("co\u00adop zero\u200bwidth", "coop zerowidth"),
        ("ΣΑΣ ὈΔΥΣΣΕΎΣ Москва", "σασ ὀδυσσεύσ москва"),
        ("nul\x00inside", "nul inside"),
        ("👍🏽 C++ 1.5", "c 1 5"),
        # Marks belong to their words.
        ("मेरी दीदी को पानी दो", "मेरी दीदी को पानी दो"),
        ("আমার সোনার", "আমার সোনার"),
        ("தமிழ் மொழி", "தமிழ் மொழி"),
        ("שָׁלוֹם", unicodedata.normalize("NFC", "שָׁלוֹם")),
        ("مُحَمَّد", "مُحَمَّد"),
        # Hangul has spaces, Han in a headline of it none.
        ("한국어 韓 뉴스", "한국어 韓 뉴스"),
        ("東京都の天気", "東京 京都 都の の天 天気"),
        ("カメラ ｶﾒﾗ", "カメ メラ カメ メラ"),
        ("iPhone手机 a机b", "iphone 手机 a 机 b"),
        # A letter with its marks is one.
        ("กินข้าว", "กิน นข้ ข้า าว"),
        ("မြန်မာ", "မြန် န်မာ"),
        ("ភាសា", "ភាសា"),
        ("手\u0301x", "手\u0301 x"),
        ("", ""),
    ],
)
def test_words(text, words):
    assert terms(text) == words.split()


@pytest.mark.parametrize("text", ["iPhone手机 a机b red", "手\u0301x กิน fox"])
def test_without_unspaced_scripts_the_other_words_are_the_same(text):
    found = Analyzer()(tf.constant([text]), unspaced=False).values.numpy().tolist()
    everything = [term.encode() for term in terms(text)]
    assert found == [term for term in everything if not has_unspaced([term])]
    assert 0 < len(found) < len(everything)


def test_the_terms_of_a_text_do_not_depend_on_other_texts():
    texts = ["red 手机 fox", "blue", "", "กิน"]
    for settings in ({}, {"ngram_range": (1, 2)}, {"analyzer": "char_wb"}):
        together = Analyzer(**settings)(tf.constant(texts))
        for row, text in zip(together.to_list(), texts, strict=True):
            assert row == Analyzer(**settings)(tf.constant([text])).to_list()[0]


def test_n_grams_are_made_of_what_is_left():
    assert terms(
        "The red and a 狐 fox",
        ngram_range=(1, 2),
        stop_words=["AND"],
        min_token_length=2,
    ) == ["the", "red", "狐", "fox", "the red", "red 狐", "狐 fox"]


def test_which_single_words_are_kept():
    analyzer = Analyzer(min_token_length=3, stop_words=["Ma\u00f1ana", "don't"])
    words = ["mañana", "man", "ma", "手", "手机", "don", "dont", "t"]
    kept = analyzer.keeps(tf.constant(words)).numpy()
    # 手机 is shorter than three, and two letters of a script without spaces.
    assert [w for w, k in zip(words, kept, strict=True) if k] == [
        "man",
        "手",
        "手机",
        "dont",
    ]


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
@pytest.mark.parametrize("ngram_range", [(1, 1), (2, 3), (3, 3), (1, 5), (4, 6)])
def test_characters_as_scikit_learn_has_them(analyzer, ngram_range):
    settings = {"analyzer": analyzer, "ngram_range": ngram_range}
    oracle = CountVectorizer(lowercase=False, **settings)
    for text in (
        "The RED  fox, 東京 a-b",
        "x",
        "",
        "  ",
        "मेरी\t\nदीदी",
        "no\u2028such\u3000thing ",
    ):
        plain = " ".join(folded(text).replace("\u2028", " ").split(" "))
        plain = plain.replace("\t\n", " ")
        expected = oracle.build_analyzer()(plain)
        assert sorted(terms(text, **settings)) == sorted(expected)


# ICU takes the name of a locale from the environment, installed or not, when it first
# needs one: in a child, so that TensorFlow is imported once.
LOCALES = """
import os
import tensorflow as tf
from wish_tf.layers import Analyzer
for locale in ("tr_TR.UTF-8", "az_AZ.UTF-8", "lt_LT.UTF-8"):
    if not os.fork():
        os.environ["LC_ALL"] = locale
        text = ["TITLE INDEX \\u00cc J\\u0303"]
        lower = tf.strings.lower(text, encoding="utf-8").numpy()[0].decode()
        words = [word.decode() for word in Analyzer()(tf.constant(text)).values.numpy()]
        print(ascii([lower != text[0].lower(), *words]), flush=True)
        os._exit(0)
    os.wait()
"""


def test_any_character_parts_words_as_an_expression_that_finds_each_blank():
    # Of the first plane, but for half surrogates, each between two letters.
    codes = [c for c in range(0x10000) if not 0xD800 <= c < 0xE000]
    # And what is no UTF-8.
    texts = tf.constant(
        [*(f"q{chr(code)}q".encode() for code in codes), b"q\xff\xc3q \xe6\x9d-q"]
    )
    blanks = rf"(?:[^\pL\pM\pN_]|[{_UNSPACED}]\pM*)+"
    expected = tf.strings.regex_replace(case_fold_utf8(texts), blanks, " ")
    found = Analyzer(**NOTHING_OUT)(texts, unspaced=False)
    assert found.to_list() == tf.strings.split(expected).to_list()
    assert found.row_lengths().numpy().max() > 2
    whole = [codes[i] for i in (found[:-1].row_lengths() == 1).numpy().nonzero()[0]]
    assert {ord("7"), ord("_"), 0xE9, 0x301, 0xAD} <= set(whole)
    assert not {0, 9, 0x20, 0x2D, 0x7F, 0x80, 0xA0, 0x2014, 0xFFFD} & set(whole)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_locale_does_not_matter():
    found = subprocess.run(
        [sys.executable, "-c", LOCALES],
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    # It does for TensorFlow's own lower case, or nothing were tested here.
    expected = ascii([True, "title", "index", "ì", "j\u0303"])
    assert found.stdout.splitlines() == [expected] * 3, found.stderr


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"analyzer": "words"}, "expected analyzer to be one of word, .*; got 'words'"),
        ({"ngram_range": (2, 1)}, r"expected ngram_range .*; got \(2, 1\)"),
        ({"ngram_range": (0, 1)}, r"expected ngram_range .*; got \(0, 1\)"),
        ({"ngram_range": (1,)}, r"expected ngram_range .*; got \(1,\)"),
        ({"min_token_length": 0}, "expected min_token_length from 1 to 1000; got 0"),
        ({"stop_words": "german"}, "expected stop_words .* or None; got 'german'"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings, message):
    with pytest.raises(InputError, match=f"^{message}$"):
        Analyzer(**settings)
