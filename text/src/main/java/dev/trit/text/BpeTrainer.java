package dev.trit.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Learns a byte-level BPE vocabulary: count the chunks that the pre-tokenizer cuts, then merge the most frequent pair of
 * neighbours again and again (Sennrich et al., Neural Machine Translation of Rare Words with Subword Units, algorithm 1).
 *
 * <p>Of pairs that are equally frequent the one with the smaller ids is merged first, so that the result depends on the
 * text alone: the same merges as Hugging Face's {@code BpeTrainer} with the same settings. Ids: special tokens, the 256
 * bytes in the order of their letters, merged tokens.
 *
 * <p>{@link #add} may be called from several threads. Memory grows with the number of different chunks.
 */
public final class BpeTrainer {
    /** A pair of neighbouring tokens in the queue, with the count it had when it was put there. */
    private record Candidate(long pair, long count) {}

    private static final Comparator<Candidate> BEST_FIRST =
            Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);

    /** How often a pair occurs, and words that have or had it. */
    private static final class Occurrences {
        long count;
        int[] words = new int[4];
        int size;

        void seenIn(int word) {
            if (size == 0 || words[size - 1] != word) {
                if (size == words.length) {
                    words = Arrays.copyOf(words, size * 2);
                }
                words[size++] = word;
            }
        }
    }

    private final PreTokenizer preTokenizer;
    private final SplitPattern pattern;
    private final Map<String, LongAdder> chunks = new ConcurrentHashMap<>();

    /** @param preTokenizer with one pattern, on characters: gpt-2 or llama-bpe, say */
    public BpeTrainer(PreTokenizer preTokenizer) {
        if (preTokenizer.splits().size() != 1
                || preTokenizer.splits().getFirst().onBytes()) {
            throw new TextException("pre-tokenizer \"" + preTokenizer.name()
                    + "\" cannot be trained with; expected one pattern on characters, as gpt-2 and llama-bpe have");
        }
        this.preTokenizer = preTokenizer;
        this.pattern = SplitPattern.of(preTokenizer.splits().getFirst().pattern());
    }

    /** Counts the chunks of a document. */
    public void add(String document) {
        int[] text = document.codePoints().toArray();
        for (int at = 0; at < text.length; ) {
            int to = pattern.match(text, at, text.length);
            if (to <= at) { // what the pattern does not match is a piece too, up to where it matches again
                to = at + 1;
                while (to < text.length && pattern.match(text, to, text.length) <= to) {
                    to++;
                }
            }
            String chunk = new String(text, at, to - at);
            LongAdder count = chunks.get(chunk);
            if (count == null) {
                count = chunks.computeIfAbsent(chunk, c -> new LongAdder());
            }
            count.increment();
            at = to;
        }
    }

    /** How many different chunks were counted. */
    public int distinctChunks() {
        return chunks.size();
    }

    /**
     * Learns the merges.
     *
     * @param size tokens of the vocabulary, special ones included; fewer where the text has no more pairs
     * @param special control tokens; the first one ends a document and begins a sequence
     * @param minFrequency rarer pairs are not merged
     * @throws TextException if there is no room for the bytes
     */
    public Vocabulary train(int size, List<String> special, long minFrequency) {
        if (size < special.size() + 256 || size > Vocabulary.MAX_TOKENS) {
            throw new TextException("a byte-level vocabulary of " + size + " tokens; expected " + (special.size() + 256)
                    + " to " + Vocabulary.MAX_TOKENS);
        }
        List<String> texts = new ArrayList<>(special);
        int[] byteIds = new int[256];
        Integer[] bytes = new Integer[256];
        Arrays.setAll(bytes, i -> i);
        Arrays.sort(bytes, Comparator.comparing(ByteAlphabet::letter));
        for (int b : bytes) {
            byteIds[b] = texts.size();
            texts.add(String.valueOf(ByteAlphabet.letter(b)));
        }
        List<String> merges = merge(texts, byteIds, size, Math.max(1, minFrequency));
        byte[] types = new byte[texts.size()];
        Arrays.fill(types, (byte) TokenType.NORMAL.code());
        Arrays.fill(types, 0, special.size(), (byte) TokenType.CONTROL.code());
        List<AddedToken> added = new ArrayList<>();
        for (int id = 0; id < special.size(); id++) {
            added.add(new AddedToken(id, special.get(id), true));
        }
        int end = special.isEmpty() ? SpecialTokens.NONE : 0;
        return new Vocabulary(
                Vocabulary.Kind.BYTE_BPE,
                new TokenTable(texts, types, new float[0]),
                merges,
                preTokenizer,
                added,
                new SpecialTokens(
                        end,
                        end,
                        SpecialTokens.NONE,
                        SpecialTokens.NONE,
                        SpecialTokens.NONE,
                        !special.isEmpty(),
                        false,
                        end == SpecialTokens.NONE ? Set.of() : Set.of(end)),
                SpacePrefix.NEVER,
                false,
                null,
                List.of());
    }

    private List<String> merge(List<String> texts, int[] byteIds, int size, long minFrequency) {
        int[][] words = new int[chunks.size()][];
        long[] counts = new long[words.length];
        Map<Long, Occurrences> pairs = new HashMap<>();
        int w = 0;
        for (Map.Entry<String, LongAdder> chunk :
                chunks.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
            byte[] utf8 = chunk.getKey().getBytes(UTF_8);
            words[w] = new int[utf8.length];
            for (int i = 0; i < utf8.length; i++) {
                words[w][i] = byteIds[utf8[i] & 0xff];
            }
            counts[w] = chunk.getValue().sum();
            count(pairs, words[w], w, counts[w]);
            w++;
        }
        PriorityQueue<Candidate> queue = new PriorityQueue<>(BEST_FIRST);
        pairs.forEach((pair, o) -> queue.add(new Candidate(pair, o.count)));
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < texts.size(); id++) {
            ids.put(texts.get(id), id);
        }
        List<String> merges = new ArrayList<>();
        while (texts.size() < size && !queue.isEmpty()) {
            Candidate best = queue.poll();
            Occurrences o = pairs.get(best.pair());
            if (o == null) {
                continue; // merged already
            }
            if (o.count != best.count()) { // merges around it took some away
                queue.add(new Candidate(best.pair(), o.count));
                continue;
            }
            if (o.count < minFrequency) {
                break;
            }
            int left = (int) (best.pair() >>> 32);
            int right = (int) best.pair();
            String text = texts.get(left) + texts.get(right);
            Integer known = ids.putIfAbsent(text, texts.size());
            int merged = known == null ? texts.size() : known;
            if (known == null) {
                texts.add(text);
            }
            merges.add(texts.get(left) + " " + texts.get(right));
            pairs.remove(best.pair());
            replace(words, counts, o, pairs, queue, left, right, merged);
        }
        return merges;
    }

    private static void count(Map<Long, Occurrences> pairs, int[] word, int w, long times) {
        for (int i = 0; i + 1 < word.length; i++) {
            Occurrences o = pairs.computeIfAbsent(pair(word[i], word[i + 1]), p -> new Occurrences());
            o.count += times;
            o.seenIn(w);
        }
    }

    /** Writes {@code merged} for every {@code left right}; takes the pairs that vanish away and queues those that appear. */
    private static void replace(
            int[][] words,
            long[] counts,
            Occurrences where,
            Map<Long, Occurrences> pairs,
            PriorityQueue<Candidate> queue,
            int left,
            int right,
            int merged) {
        Set<Long> appeared = new HashSet<>();
        for (int k = 0; k < where.size; k++) {
            int w = where.words[k];
            int[] word = words[w];
            int[] out = new int[word.length];
            int n = 0;
            boolean changed = false;
            for (int i = 0; i < word.length; i++) {
                if (i + 1 < word.length && word[i] == left && word[i + 1] == right) {
                    changed = true;
                    if (n > 0) {
                        lose(pairs, pair(out[n - 1], left), counts[w]);
                        appear(pairs, pair(out[n - 1], merged), counts[w], w, appeared);
                    }
                    if (i + 2 < word.length) {
                        lose(pairs, pair(right, word[i + 2]), counts[w]);
                        appear(pairs, pair(merged, word[i + 2]), counts[w], w, appeared);
                    }
                    out[n++] = merged;
                    i++;
                } else {
                    out[n++] = word[i];
                }
            }
            if (changed) {
                words[w] = Arrays.copyOf(out, n);
            }
        }
        for (long pair : appeared) {
            Occurrences o = pairs.get(pair);
            if (o != null && o.count > 0) {
                queue.add(new Candidate(pair, o.count));
            }
        }
    }

    private static void lose(Map<Long, Occurrences> pairs, long pair, long times) {
        Occurrences o = pairs.get(pair);
        if (o != null) {
            o.count -= times;
        }
    }

    private static void appear(Map<Long, Occurrences> pairs, long pair, long times, int w, Set<Long> appeared) {
        Occurrences o = pairs.computeIfAbsent(pair, p -> new Occurrences());
        o.count += times;
        o.seenIn(w);
        appeared.add(pair);
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }
}
