package dev.trit.cli;

import picocli.CommandLine.Option;

/** How many threads compute; the number never changes a bit of the result. */
public final class ThreadOptions {
    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Threads that compute (default: the processors here, ${DEFAULT-VALUE}).")
    public int threads = Runtime.getRuntime().availableProcessors();
}
