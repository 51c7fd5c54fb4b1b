package dev.trit.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Where the reference models are, and what transformers computed on them. */
final class Fixtures {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Fixtures() {}

    /** The models in this repository. */
    static final List<String> OWN = List.of(
            "bitnet-tiny",
            "bitnet-tiny-packed",
            "llama-bitlinear-tiny",
            "llama-dense-tiny",
            "llama-dense-sharded",
            "qwen3-dense-tiny");

    static Path own(String name) {
        return Path.of("src/test/resources/fixtures", name);
    }

    /** A file or folder of the shared data; skips the test where it is not there. */
    static Path shared(String name) {
        Path found = null;
        for (Path root : sharedRoots()) {
            if (Files.exists(root.resolve(name))) {
                found = root.resolve(name);
                break;
            }
        }
        Assumptions.assumeTrue(found != null, () -> "shared data is absent: " + name + " (set TRIT_SHARED)");
        return found;
    }

    private static List<Path> sharedRoots() {
        List<Path> roots = new ArrayList<>();
        String named = System.getProperty("TRIT_SHARED", System.getenv("TRIT_SHARED"));
        if (named != null) {
            roots.add(Path.of(named, "data"));
        }
        for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
            roots.add(p.resolve("shared/data"));
        }
        return roots;
    }

    static JsonNode json(Path file) {
        return JSON.readTree(file.toFile());
    }

    static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    static Model load(Path path, String kernels, int threads) {
        return Model.load(path, LoadOptions.defaults().withKernels(kernels).withThreads(threads));
    }

    /** The logits after every token, [tokens][vocab]. */
    static float[][] logits(Session session, int... ids) {
        float[][] all = new float[ids.length][];
        session.append(ids, 0, (i, logits) -> all[i] = logits.clone());
        return all;
    }

    static int argmax(float[] x) {
        int best = 0;
        for (int i = 1; i < x.length; i++) {
            if (x[i] > x[best]) {
                best = i;
            }
        }
        return best;
    }
}
