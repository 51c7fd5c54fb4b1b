package dev.trit.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Byte-level BPE (GPT-2, LLaMA-3, SmolLM2, Falcon): the text is cut by the pre-tokenizer's patterns, each chunk is
 * written in the byte alphabet, and its bytes are merged.
 */
final class ByteLevelSegmenter implements Segmenter {
    /** A chunk met before and what it became. Immutable, so that a racy read of the cache sees all of it or nothing. */
    private record Known(char[] letters, int[] ids) {
        boolean is(char[] text, int from, int to) {
            return Arrays.equals(letters, 0, letters.length, text, from, to);
        }
    }

    // Words repeat: on WikiText-2 with GPT-2's vocabulary, 25 MB/s with the cache and 15 without.
    private static final int CACHE = 8192;
    private static final int CACHED_LENGTH = 32;

    private final Vocabulary vocabulary;
    private final TokenIndex index;
    private final PairTable pairs;
    private final boolean ignoreMerges;
    private final int[] byteTokens = new int[256]; // -1 where the vocabulary lacks the byte
    private final SplitPattern[] onChars;
    private final SplitPattern[] onBytes;
    private final @Nullable Known[] cache = new Known[CACHE];

    ByteLevelSegmenter(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        index = vocabulary.tokens().index();
        ignoreMerges = vocabulary.preTokenizer().ignoreMerges();
        for (int b = 0; b < 256; b++) {
            byteTokens[b] = index.find(String.valueOf(ByteAlphabet.letter(b)));
        }
        pairs = pairs(vocabulary.merges(), index);
        List<PreTokenizer.Split> splits = vocabulary.preTokenizer().splits();
        onChars = patterns(splits, false);
        onBytes = patterns(splits, true);
    }

    private static SplitPattern[] patterns(List<PreTokenizer.Split> splits, boolean onBytes) {
        return splits.stream()
                .filter(s -> s.onBytes() == onBytes)
                .map(s -> SplitPattern.of(s.pattern()))
                .toArray(SplitPattern[]::new);
    }

    /** Merges by id. One pass per merge over its characters: 280,000 of them are read at every start. */
    static PairTable pairs(List<String> merges, TokenIndex index) {
        int size = index.size();
        PairTable pairs = new PairTable(merges.size());
        char[] joined = new char[2 * index.longest() + 2];
        int rank = 0;
        int both = -1;
        for (String merge : merges) {
            int space = merge.indexOf(' ', 1);
            int length = merge.length() - 1;
            if (space < 0 || space == length || length > joined.length) {
                throw new TextException("merge " + rank + " is \"" + merge + "\"; expected two tokens and one space");
            }
            merge.getChars(0, space, joined, 0);
            merge.getChars(space + 1, length + 1, joined, space);
            int leftHash = 0;
            for (int i = 0; i < space; i++) {
                leftHash = TokenIndex.hash(leftHash, joined[i]);
            }
            int rightHash = 0;
            int bothHash = leftHash;
            for (int i = space; i < length; i++) {
                rightHash = TokenIndex.hash(rightHash, joined[i]);
                bothHash = TokenIndex.hash(bothHash, joined[i]);
            }
            int left = index.find(joined, 0, space, leftHash);
            int right = index.find(joined, space, length, rightHash);
            // Files list merges in the order of what they make, mostly: then the result is the token of the last merge
            // or
            // the next one, and a look-up is saved.
            if (both < 0 || !index.isUnique() || !index.is(both, joined, 0, length)) {
                both++;
                if (both == size || !index.isUnique() || !index.is(both, joined, 0, length)) {
                    both = index.find(joined, 0, length, bothHash);
                }
            }
            if (left < 0 || right < 0 || both < 0) {
                throw new TextException("merge " + rank + " \"" + merge + "\": "
                        + (both < 0 ? "its result" : "one of its parts") + " is not in the vocabulary");
            }
            pairs.put(left, right, rank++, both);
        }
        return pairs;
    }

    @Override
    public void segment(CodePoints piece, boolean first, Ids out) {
        CodePoints text = piece;
        if (vocabulary.spacePrefix().applies(piece, first, ' ')) {
            int[] spaced = new int[piece.length() + 1];
            spaced[0] = ' ';
            System.arraycopy(piece.at(), 0, spaced, 1, piece.length());
            text = new CodePoints(spaced, spaced.length);
        }
        Cuts cuts = new Cuts(text.length());
        for (SplitPattern pattern : onChars) {
            cuts = cuts.split(pattern, text.at());
        }
        // From here on in the byte alphabet, one letter per byte.
        char[] letters = new char[letterCount(text)];
        byte[] utf8 = new byte[4];
        int n = 0;
        int cut = 0;
        for (int i = 0; i < text.length(); i++) {
            int cp = text.at()[i];
            if (cp < 0x80) {
                letters[n++] = ByteAlphabet.letter(cp);
            } else {
                int count = Utf8.encode(cp, utf8, 0);
                for (int b = 0; b < count; b++) {
                    letters[n++] = ByteAlphabet.letter(utf8[b] & 0xFF);
                }
            }
            if (cuts.end(cut) == i + 1) {
                cuts.move(cut++, n);
            }
        }
        if (onBytes.length > 0) {
            int[] wide = new int[n];
            for (int i = 0; i < n; i++) {
                wide[i] = letters[i];
            }
            for (SplitPattern pattern : onBytes) {
                cuts = cuts.split(pattern, wide);
            }
        }
        PairMerge merge = new PairMerge(pairs);
        int from = 0;
        for (int i = 0; i < cuts.count(); i++) {
            chunk(letters, from, cuts.end(i), merge, out);
            from = cuts.end(i);
        }
    }

    private static int letterCount(CodePoints text) {
        long n = 0;
        for (int i = 0; i < text.length(); i++) {
            int cp = text.at()[i];
            n += cp < 0x80 || Utf8.isEscape(cp) ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
        }
        return Math.toIntExact(n);
    }

    private void chunk(char[] letters, int from, int to, PairMerge merge, Ids out) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = TokenIndex.hash(hash, letters[i]);
        }
        if (ignoreMerges) {
            int whole = index.find(letters, from, to, hash);
            if (whole >= 0 && vocabulary.tokens().typeCode(whole) == TokenType.NORMAL.code()) {
                out.add(whole);
                return;
            }
        }
        int length = to - from;
        int slot = (hash * 0x9E3779B9) >>> 19;
        if (length <= CACHED_LENGTH) {
            Known known = cache[slot];
            if (known != null && known.is(letters, from, to)) {
                out.add(known.ids, known.ids.length);
                return;
            }
        }
        int[] ids = new int[length];
        int n = 0;
        for (int i = from; i < to; i++) {
            int token = byteTokens[ByteAlphabet.byteOf(letters[i])];
            if (token >= 0) {
                ids[n++] = token;
            }
        }
        n = merge.merge(ids, n);
        out.add(ids, n);
        if (length <= CACHED_LENGTH) {
            cache[slot] = new Known(Arrays.copyOfRange(letters, from, to), Arrays.copyOf(ids, n));
        }
    }

    @Override
    public byte[] bytes(int id) {
        String text = vocabulary.tokens().text(id);
        byte[] bytes = vocabulary.tokens().type(id) == TokenType.USER_DEFINED ? null : ByteAlphabet.bytes(text);
        return bytes != null ? bytes : text.getBytes(StandardCharsets.UTF_8);
    }
}
