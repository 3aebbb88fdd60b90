import threading

from toxic_tweets.memory import WordMemory


def count_letters(asked: list[str], most_words: int) -> WordMemory[int]:
    """Return a memory of lengths that notes what it had to work out."""

    def work(word: str) -> int:
        asked.append(word)
        return len(word)

    return WordMemory(work, most_words)


def test_a_word_is_worked_out_once() -> None:
    asked: list[str] = []
    memory = count_letters(asked, 10)
    assert [memory[word] for word in ["one", "three", "one", "", ""]] == [3, 5, 3, 0, 0]
    assert asked == ["one", "three", ""]


def test_long_words_are_not_kept() -> None:
    asked: list[str] = []
    memory = count_letters(asked, 10)
    assert [memory["x" * n] for n in (24, 25, 24, 25)] == [24, 25, 24, 25]
    assert list(map(len, asked)) == [24, 25, 25]


def test_words_met_lately_are_kept_and_others_forgotten() -> None:
    asked: list[str] = []
    memory = count_letters(asked, 4)
    words = [f"w{number}" for number in range(8)]
    for word in words:
        assert memory["often"] == 5
        assert memory[word] == 2
    assert asked.count("often") == 1
    assert memory[words[0]] == 2
    assert asked.count(words[0]) == 2
    assert len(memory) <= 4


def test_threads_get_what_belongs_to_the_word() -> None:
    memory = WordMemory(len, 8)
    wrong: list[str] = []

    def work(first: int) -> None:
        for number in range(3_000):
            word = "x" * ((first + number * 7) % 25)
            if memory[word] != len(word):
                wrong.append(word)

    threads = [threading.Thread(target=work, args=[first]) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(memory) <= 8 + len(threads)
