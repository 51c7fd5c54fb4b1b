package dev.trit.cli;

import dev.trit.tensor.Kernels;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code trit info}: the machine, the JVM, which kernels run and why. */
@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        description = "Describes this machine and the kernels that run on it.")
final class Info implements Callable<Integer> {
    /**
     * What {@code --json} prints.
     *
     * @param trit version
     * @param jdk version and virtual machine
     * @param kernels the word for {@code --kernels}
     * @param kernelsReason width and why these were chosen
     */
    record Facts(String trit, String jdk, Machine machine, String kernels, String kernelsReason) {}

    private final Stdio stdio;

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
        var facts = new Facts(
                Version.trit(),
                Runtime.version() + ", " + System.getProperty("java.vm.name"),
                Machine.here(),
                kernels.name(),
                kernels.description());
        if (json.json) {
            stdio.out().println(JsonOption.text(facts));
        } else {
            print(facts, stdio.out());
        }
        return ExitCode.OK.status();
    }

    private static void print(Facts facts, PrintStream out) {
        Machine machine = facts.machine();
        out.println("trit       " + facts.trit());
        out.println("jdk        " + facts.jdk());
        out.println("machine    " + machine.os() + ", " + machine.cpu() + ", " + machine.processors() + " processors");
        out.println("memory     " + gib(machine.memoryBytes()) + ", Java heap up to " + gib(machine.heapBytes()));
        out.println("kernels    " + facts.kernelsReason());
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
