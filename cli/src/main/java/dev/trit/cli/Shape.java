package dev.trit.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The shape of a published ternary model, for random-weight models of the same cost.
 *
 * @param name the word for {@code --shape}
 * @param architecture GGUF's word
 * @param layers blocks
 * @param hidden width of the residual stream
 * @param ffn inner width of the feed-forward unit
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim width of a head
 * @param vocab token ids
 * @param context positions
 * @param ropeTheta base of the rotary frequencies
 * @param tied the head is the embedding matrix
 */
record Shape(
        String name,
        String architecture,
        int layers,
        int hidden,
        int ffn,
        int heads,
        int kvHeads,
        int headDim,
        int vocab,
        int context,
        float ropeTheta,
        boolean tied) {

    /** BitNet b1.58 2B4T; the 700M and 3B reproductions by 1bitLLM; LLaMA-3 8B; LLaMA-2 70B; one for tests. */
    static final List<Shape> ALL = List.of(
            new Shape("2b4t", "bitnet-b1.58", 30, 2560, 6912, 20, 5, 128, 128_256, 4096, 500_000, true),
            new Shape("700m", "bitnet", 24, 1536, 4096, 16, 16, 96, 32_002, 2048, 10_000, true),
            new Shape("3b", "bitnet", 26, 3200, 8640, 32, 32, 100, 32_002, 2048, 10_000, true),
            new Shape("8b", "llama", 32, 4096, 14_336, 32, 8, 128, 128_256, 8192, 500_000, false),
            new Shape("70b", "llama", 80, 8192, 28_672, 64, 8, 128, 32_000, 4096, 10_000, false),
            new Shape("tiny", "bitnet-b1.58", 2, 256, 512, 4, 2, 64, 512, 512, 10_000, true));

    /**
     * The shape of that name.
     *
     * @throws CommandException if there is none
     */
    static Shape named(String name) {
        Optional<Shape> shape = ALL.stream().filter(s -> s.name.equals(name)).findFirst();
        return shape.orElseThrow(() ->
                new CommandException(ExitCode.USAGE, "--shape: expected one of " + names() + ", got '" + name + "'"));
    }

    static String names() {
        return ALL.stream().map(Shape::name).collect(Collectors.joining(", "));
    }

    /** The same under another of GGUF's words: an engine may know the one and not the other. */
    Shape withArchitecture(String word) {
        return new Shape(name, word, layers, hidden, ffn, heads, kvHeads, headDim, vocab, context, ropeTheta, tied);
    }

    /** Whether the family has norms inside attention and feed-forward. */
    boolean subNorms() {
        return architecture.startsWith("bitnet");
    }

    int qDim() {
        return heads * headDim;
    }

    int kvDim() {
        return kvHeads * headDim;
    }
}
