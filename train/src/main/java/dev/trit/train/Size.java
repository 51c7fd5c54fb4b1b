package dev.trit.train;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The size dial: one word for a shape and the recipe that goes with it. The number is the parameters in the blocks, about;
 * the embedding comes on top of it.
 *
 * <p>700m to 3b are the shapes and learning rates of b1.58's training tips, b1's rates are from its own table, the rates
 * of full precision from the baselines of the same papers. Below that, 100m is b1's 125M row, and the rest goes on along
 * the tables' lines: rates grow by about a quarter for each fourfold smaller model, widths are multiples of 128, steps see
 * about 20 tokens for each parameter.
 */
public enum Size {
    M1("1m", new Shape(128, 5, 4, 2, 384), new Batch(256, 16, 16, 5_000), new Rates(4e-3, 2.7e-3, 4e-3, 2e-3)),
    M5("5m", new Shape(256, 6, 4, 2, 768), new Batch(256, 32, 8, 12_500), new Rates(3.5e-3, 2.3e-3, 3.5e-3, 1.5e-3)),
    M15("15m", new Shape(512, 6, 8, 4, 1024), new Batch(512, 32, 8, 19_000), new Rates(3e-3, 2e-3, 3e-3, 1e-3)),
    M50("50m", new Shape(512, 16, 8, 4, 1280), new Batch(1024, 64, 4, 15_300), new Rates(2.7e-3, 1.8e-3, 2.7e-3, 8e-4)),
    M100(
            "100m",
            new Shape(768, 12, 12, 6, 2048),
            new Batch(1024, 128, 4, 15_300),
            new Rates(2.4e-3, 1.6e-3, 2.4e-3, 6e-4)),
    M350(
            "350m",
            new Shape(1024, 24, 16, 4, 2816),
            new Batch(2048, 128, 2, 40_000),
            new Rates(1.8e-3, 1.2e-3, 1.2e-3, 3e-4)),
    M700("700m", new Shape(1536, 24, 24, 6, 4096), Batch.PUBLISHED, new Rates(1.5e-3, 1e-3, 1e-3, 2.5e-4)),
    B1_3("1.3b", new Shape(2048, 24, 32, 8, 5460), Batch.PUBLISHED, new Rates(1.2e-3, 8e-4, 8e-4, 2e-4)),
    B3("3b", new Shape(3200, 26, 32, 8, 8640), Batch.PUBLISHED, new Rates(1.2e-3, 8e-4, 6.4e-4, 2e-4));

    /** @param groupedHeads key and value heads where queries share them (2b4t); else there are as many as query heads */
    record Shape(int hidden, int layers, int heads, int groupedHeads, int ffn) {}

    /**
     * @param sequence tokens of a sequence
     * @param batch sequences per step
     * @param micro sequences per pass
     */
    record Batch(int sequence, int batch, int micro, int steps) {
        /** A million tokens per step, 100 billion in all. */
        static final Batch PUBLISHED = new Batch(2048, 512, 1, 100_000);
    }

    /**
     * @param ternary peak of the first stage
     * @param ternary2 of the line that the second stage follows
     */
    record Rates(double ternary, double ternary2, double binary, double full) {}

    private final String word;
    final Shape shape;
    final Batch batch;
    final Rates rates;

    Size(String word, Shape shape, Batch batch, Rates rates) {
        this.word = word;
        this.shape = shape;
        this.batch = batch;
        this.rates = rates;
    }

    /** All of them, as one types them. */
    public static String words() {
        return Arrays.stream(values()).map(Size::toString).collect(Collectors.joining(", "));
    }

    /** @throws TrainException if there is none of that name */
    public static Size named(String word) {
        return Arrays.stream(values())
                .filter(s -> s.word.equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new TrainException("unknown size: expected one of %s, got %s".formatted(words(), word)));
    }

    @Override
    public String toString() {
        return word;
    }
}
