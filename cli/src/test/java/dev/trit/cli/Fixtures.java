package dev.trit.cli;

import java.nio.file.Path;

/** The tiny models of the model module's tests: each a checkpoint directory with a tokenizer and reference outputs. */
final class Fixtures {
    private static final Path FOLDER = Path.of("..", "model", "src", "test", "resources", "fixtures");

    private Fixtures() {}

    static String path(String name) {
        return FOLDER.resolve(name).toString();
    }
}
