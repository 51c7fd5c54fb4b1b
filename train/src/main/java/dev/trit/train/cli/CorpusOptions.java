package dev.trit.train.cli;

import dev.trit.cli.Numbers;
import dev.trit.train.data.Documents;
import picocli.CommandLine.Option;

/** How corpus files are read. */
final class CorpusOptions {
    @Option(
            names = "--separator",
            paramLabel = "TEXT",
            description =
                    "Stands between the documents of a text file; empty: a file is one document (default: <|endoftext|>).")
    String separator = "<|endoftext|>";

    @Option(
            names = "--field",
            paramLabel = "NAME",
            description =
                    "Field of a JSON line or column of a Parquet file that holds the text (default: ${DEFAULT-VALUE}).")
    String field = "text";

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Threads (default: all cores).")
    int threads = Runtime.getRuntime().availableProcessors();

    Documents documents() {
        return new Documents(separator, field);
    }
}
