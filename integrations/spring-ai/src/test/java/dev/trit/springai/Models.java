package dev.trit.springai;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The models that tests here ask: a tiny one always, the built-in one and a real chat model where they are. */
final class Models {
    static final Path TINY = Path.of("../../model/src/test/resources/fixtures/llama-dense-tiny");

    private static final Path BUILT_IN = Path.of("../../cli/src/main/resources/dev/trit/cli/default-model.gguf");
    private static final Path REAL = Path.of(
            Objects.requireNonNullElse(System.getenv("TRIT_SHARED"), "../../../shared"),
            "data/models/smollm2-135m-instruct.q4_1.gguf");

    private Models() {}

    /** All that are here. */
    static Stream<Path> here() {
        return Stream.of(TINY, BUILT_IN, REAL).filter(Files::exists);
    }

    /** A model whose answers make sense. */
    static Path real() {
        Assumptions.assumeTrue(Files.exists(REAL), () -> REAL + " is not here (set TRIT_SHARED)");
        return REAL;
    }
}
