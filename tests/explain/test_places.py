from wish_tf.explain.places import places


def test_whole_words_in_any_form_are_found():
    text = "The Cat, a cAT; category cat_ x-cat"
    assert [text[a:b] for a, b, _ in places(text, ["cat"])] == ["Cat", "cAT", "cat"]
    text = "Straße E\u0301te\u0301 ﬁn"
    found = places(text, ["strasse", "été", "fin", "absent"])
    assert [(text[a:b], word) for a, b, word in found] == [
        ("Straße", "strasse"),
        ("E\u0301te\u0301", "été"),
        ("ﬁn", "fin"),
    ]


def test_words_with_marks_are_whole():
    assert places("मेरी मेरीन", ["मेरी", "मेर"]) == [(0, 4, "मेरी")]


def test_pairs_of_letters_are_found_inside_a_run():
    assert places("在東京都", ["東京", "京都"]) == [(1, 3, "東京")]
    assert places("手机", ["手"]) == [(0, 1, "手")]


def test_nothing_is_found_without_words():
    assert places("some text", []) == []
