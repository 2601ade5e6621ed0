from reproduction.prepared_corpus import PreparedCorpus


def test_a_corpus_can_be_cut_to_the_first_words_of_its_texts(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("red dog barks loud\n" * 20 + "red cat sleeps long\n" * 20)
    cut = PreparedCorpus.load(f"{path}@3", None)
    assert set(cut.splits.train.texts) == {"red dog barks", "red cat sleeps"}
    assert "loud" not in cut.vectorization.vocabulary
    assert "loud" in PreparedCorpus.load(str(path), None).vectorization.vocabulary


def test_a_yardstick_for_each_part_that_is_not_trained_on(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("".join(f"word{i % 7} and word{i % 5}\n" for i in range(50)))
    prepared = PreparedCorpus.load(str(path), None)
    parts = {name: by.query_rows.shape[0] for name, by in prepared.yardsticks.items()}
    assert parts == {"validation": 5, "test": 5}
    assert prepared.yardsticks["test"].rows.shape[0] == 40
