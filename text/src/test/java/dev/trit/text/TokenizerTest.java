package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
    private static final Tokenizer BYTES =
            Tokenizer.of(Vocabulary.fromTokenizerJson(GoldenTokenizersTest.tokenizerJson("gpt-2"), null));
    private static final Tokenizer SENTENCEPIECE =
            Tokenizer.of(Vocabulary.fromSentencePiece(GoldenTokenizersTest.resource("sample-bpe.model")));

    @Test
    void anyBytesComeBackAsTheyWere() {
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(50)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                for (int k = 0; k < bytes.length; k += 2) {
                    bytes[k] = (byte) "the weight 12\n\u00e9".charAt(random.nextInt(14));
                }
            }
            for (Tokenizer tokenizer : List.of(BYTES, SENTENCEPIECE)) {
                assertThat(tokenizer.decodeBytes(tokenizer.encode(bytes, false, false), true))
                        .isEqualTo(bytes);
            }
        }
    }

    @Test
    void unpairedSurrogatesAreReplaced() {
        assertThat(BYTES.encode("a\ud800b\udc80", false, false))
                .isEqualTo(BYTES.encode("a\ufffdb\ufffd", false, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "1", "!", "\u91cf", "ab", "the ", "'", "\u00a0", "\ud83d\ude42"})
    @Timeout(20)
    void aMegabyteOfOnePatternIsEncodedInReasonableTime(String unit) {
        String text = unit.repeat(1_000_000 / unit.length());
        for (Tokenizer tokenizer : List.of(BYTES, SENTENCEPIECE)) {
            assertThat(tokenizer.decode(tokenizer.encode(text, false, false))).isEqualTo(text);
        }
    }

    @Test
    void longChunksMergeAsShortOnesDo() {
        // The heap that long chunks use against the definition: the lowest-ranked pair, the leftmost of equals, again
        // and again.
        Random random = new Random(11);
        PairTable pairs = new PairTable(400);
        for (int id = 6; id < 200; id++) {
            pairs.put(random.nextInt(id), random.nextInt(id), id / 3, id);
        }
        for (int round = 0; round < 300; round++) {
            int[] ids = IntStream.generate(() -> random.nextInt(6))
                    .limit(random.nextInt(200))
                    .toArray();
            List<Integer> naive =
                    new java.util.ArrayList<>(Arrays.stream(ids).boxed().toList());
            while (true) {
                int best = -1;
                int bestSlot = -1;
                for (int i = 0; i + 1 < naive.size(); i++) {
                    int slot = pairs.slot(naive.get(i), naive.get(i + 1));
                    if (slot >= 0 && (best < 0 || pairs.rank(slot) < pairs.rank(bestSlot))) {
                        best = i;
                        bestSlot = slot;
                    }
                }
                if (best < 0) {
                    break;
                }
                naive.set(best, pairs.merged(bestSlot));
                naive.remove(best + 1);
            }
            int n = new PairMerge(pairs).merge(ids, ids.length);
            assertThat(Arrays.copyOf(ids, n))
                    .containsExactly(naive.stream().mapToInt(i -> i).toArray());
        }
    }

    @Test
    void specialTokensAreReadAndShownOnlyWhenAsked() {
        int begin = BYTES.vocabulary().tokens().find("<|begin|>").orElseThrow();
        int[] read = BYTES.encode("<|begin|>Hi", false, true);
        assertThat(read[0]).isEqualTo(begin);
        assertThat(BYTES.encode("<|begin|>Hi", false, false)).doesNotContain(begin);
        assertThat(BYTES.decode(read)).isEqualTo("Hi");
        assertThat(BYTES.decode(read, true)).isEqualTo("<|begin|>Hi");
        assertThat(BYTES.isSpecial(begin)).isTrue();
        assertThat(new Utf8Stream().append(BYTES, begin)).isEmpty();
    }

    @Test
    void beginAndEndTokensAreAddedAsTheVocabularySays() {
        SpecialTokens special = SENTENCEPIECE.vocabulary().special();
        assertThat(SENTENCEPIECE.encode("", true, false)).containsExactly(special.bos());
        Tokenizer both = Tokenizer.of(
                SENTENCEPIECE.vocabulary().withSpecial(new SpecialTokens(1, 2, -1, 0, -1, true, true, Set.of(2))));
        assertThat(both.encode("", true, false)).containsExactly(1, 2);
        assertThat(both.encode("", false, false)).isEmpty();
        Vocabulary again = Vocabulary.fromTokenizerJson(
                both.vocabulary().toTokenizerJson(), both.vocabulary().toTokenizerConfigJson());
        assertThat(again.special()).isEqualTo(both.vocabulary().special());
    }

    @Test
    void idsOutsideTheVocabularyAreRefused() {
        assertThatThrownBy(() -> BYTES.tokenBytes(BYTES.vocabularySize()))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("expected 0 to");
        assertThatThrownBy(() -> BYTES.decode(new int[] {-1})).isInstanceOf(TextException.class);
    }

    @Test
    void manyThreadsShareOneTokenizer() {
        Tokenizer tokenizer = Tokenizer.of(BYTES.vocabulary());
        List<String> texts = IntStream.range(0, 2000)
                .mapToObj(i -> "the weight " + i + " isn't w" + i % 97)
                .toList();
        List<int[]> alone =
                texts.stream().map(t -> BYTES.encode(t, false, false)).toList();
        List<int[]> together = texts.parallelStream()
                .map(t -> tokenizer.encode(t, false, false))
                .toList();
        for (int i = 0; i < texts.size(); i++) {
            assertThat(together.get(i)).isEqualTo(alone.get(i));
        }
    }

    @Test
    void whatGgufCannotSayIsRefusedRatherThanLost() {
        Vocabulary v = BYTES.vocabulary();
        PreTokenizer custom =
                PreTokenizer.of(List.of(new PreTokenizer.Split("[a-m]+", false)), false, Normalization.NONE);
        Vocabulary odd = new Vocabulary(
                v.kind(),
                v.tokens(),
                v.merges(),
                custom,
                v.added(),
                v.special(),
                v.spacePrefix(),
                false,
                null,
                List.of());
        assertThatThrownBy(odd::toGguf).isInstanceOf(TextException.class).hasMessageContaining("[a-m]+");
        assertThat(Vocabulary.fromTokenizerJson(odd.toTokenizerJson(), null).preTokenizer())
                .isEqualTo(custom);
    }
}
