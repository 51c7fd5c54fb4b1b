package dev.trit.cli;

import dev.trit.format.Checkpoint;
import dev.trit.model.Head;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.KvType;
import dev.trit.tensor.LayoutProbe;
import dev.trit.tensor.ThreadTeam;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code trit info}: the machine, the JVM, which kernels run and why; for a model also what its file holds. */
@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        description =
                "Describes this machine and, if one is named, a model file: shapes, types, bytes, trits, oddities.")
final class Info implements Callable<Integer> {
    /**
     * What {@code --json} prints.
     *
     * @param trit version
     * @param jdk version and virtual machine
     * @param kernels the word for {@code --kernels}
     * @param kernelsReason instruction set or width, and what compiled them
     * @param layout how ternary weights would lie in memory, those of a large model
     * @param layoutReason why, with what was measured
     * @param head how the output head is read: exact or screened
     * @param headGuarantee what that guarantees
     * @param kv how keys and values are held: f32, f16 or q8
     * @param nativeRefusal why native kernels cannot run here, or null if they can
     * @param model only with a MODEL
     */
    record Facts(
            String trit,
            String jdk,
            Machine machine,
            String kernels,
            String kernelsReason,
            String layout,
            String layoutReason,
            String head,
            String headGuarantee,
            String kv,
            @Nullable String nativeRefusal,
            @Nullable Inspection model) {}

    private final Stdio stdio;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A GGUF file, a checkpoint directory or a pulled model's name.")
    private @Nullable Path model;

    @Mixin
    private final KernelOptions kernelOptions = new KernelOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    Info(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        Kernels kernels = kernelOptions.choose();
        Head wanted = kernelOptions.head();
        KvType kv = kernelOptions.kv();
        Head head = wanted != null ? wanted : Head.EXACT;
        LayoutProbe layout;
        try (var team = new ThreadTeam(Runtime.getRuntime().availableProcessors())) {
            layout = LayoutProbe.choose(kernels, team, Long.MAX_VALUE);
        }
        var facts = new Facts(
                Version.trit(),
                Runtime.version() + ", " + System.getProperty("java.vm.name"),
                Machine.here(),
                kernels.name(),
                kernels.description(),
                layout.layout().toString(),
                layout.reason(),
                head.word(),
                head.guarantee(),
                (kv != null ? kv : KvType.F32).word(),
                KernelsProvider.nativeRefusal(),
                inspect());
        if (json.json) {
            stdio.out().println(JsonOption.text(facts));
        } else {
            print(facts, stdio.out());
        }
        return ExitCode.OK.status();
    }

    private @Nullable Inspection inspect() {
        if (model == null) {
            return null;
        }
        try (Checkpoint checkpoint = Checkpoint.open(Models.existing(model))) {
            return Inspection.of(checkpoint, stdio);
        }
    }

    private static void print(Facts facts, PrintStream out) {
        Machine machine = facts.machine();
        out.println("trit       " + facts.trit());
        out.println("jdk        " + facts.jdk());
        out.println("machine    " + machine.os() + ", " + machine.cpu() + ", " + machine.processors() + " processors");
        out.println("memory     " + size(machine.memoryBytes()) + ", Java heap up to " + size(machine.heapBytes()));
        out.println("kernels    " + facts.kernelsReason());
        if (facts.nativeRefusal() != null) {
            out.println("           " + facts.nativeRefusal());
        }
        out.println("weights    " + facts.layout() + "; " + facts.layoutReason());
        out.println("head       " + facts.head() + ": " + facts.headGuarantee());
        out.println("kv         " + facts.kv());
        if (facts.model() != null) {
            out.println();
            print(facts.model(), out);
        }
    }

    private static void print(Inspection model, PrintStream out) {
        out.println("model      " + model.path() + (model.name() == null ? "" : " (" + model.name() + ")"));
        out.println("container  " + model.container() + ", architecture " + model.architecture());
        out.printf(Locale.ROOT, "size       %,d parameters, %s%n", model.parameters(), size(model.bytes()));
        out.println("shape      " + joined(model.shape()));
        out.println("bytes      "
                + model.bytesByKind().entrySet().stream()
                        .map(e -> e.getKey() + " " + size(e.getValue()))
                        .collect(Collectors.joining(", ")));
        for (Map.Entry<String, Inspection.TypeUse> type : model.types().entrySet()) {
            Inspection.TypeUse use = type.getValue();
            out.printf(
                    Locale.ROOT,
                    "type       %-9s %4d tensors %,14d parameters %10s%n",
                    type.getKey(),
                    use.tensors(),
                    use.parameters(),
                    size(use.bytes()));
        }
        TokenizerFacts tokenizer = model.tokenizer();
        out.println("tokenizer  " + or(tokenizer.kind(), "none")
                + (tokenizer.pre() == null ? "" : ", splitter " + tokenizer.pre())
                + (tokenizer.tokens() == 0 ? "" : ", " + tokenizer.tokens() + " tokens"));
        out.println("template   "
                + (tokenizer.template() == null
                        ? "none in the metadata"
                        : tokenizer.template().length() + " characters"));
        for (TritShares layer : model.trits()) {
            out.printf(
                    Locale.ROOT,
                    "trits      block %-3d -1: %4.1f%%  0: %4.1f%%  +1: %4.1f%%  scales %.4g to %.4g%n",
                    layer.layer(),
                    100 * layer.minus(),
                    100 * layer.zero(),
                    100 * layer.plus(),
                    layer.smallestScale(),
                    layer.largestScale());
        }
        for (String warning : model.warnings()) {
            out.println("warning    " + warning);
        }
    }

    private static String joined(Map<String, Object> facts) {
        return facts.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String or(@Nullable String value, String otherwise) {
        return value != null ? value : otherwise;
    }

    private static String size(long bytes) {
        return bytes >= 1L << 30
                ? String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30))
                : bytes >= 1L << 20
                        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20))
                        : String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
    }
}
