package dev.trit.train.report;

import dev.trit.train.RecipeJson;
import dev.trit.train.TrainingListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * Runs side by side as one HTML page that needs nothing else: figures, recipes where they differ, loss, learning rate,
 * codes, flips, samples. Light or dark as the reader's system is.
 */
public final class Report {
    private static final int SMOOTHED_OVER = 50; // steps, of the training loss; fewer in a short run
    private static final int COLORS = 8;

    private static final String STYLE = """
            :root { color-scheme: light dark; --page: #fff; --ink: #1c2128; --soft: #667080; --edge: #d8dde4; --card: #f6f8fa;
              --c0: #1f6feb; --c1: #cf4a22; --c2: #1a7f37; --c3: #8250df; --c4: #9a6700; --c5: #0e7490; --c6: #bf3989;
              --c7: #57606a; --minus: #cf4a22; --zero: #aeb7c2; --plus: #1f6feb; }
            @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e2e8f0; --soft: #94a0b0; --edge: #2f3743;
              --card: #161b22; --c0: #6cb1ff; --c1: #ff9168; --c2: #56d364; --c3: #c4a1ff; --c4: #e3b341; --c5: #5ad1e6;
              --c6: #ff8ac8; --c7: #aab4c0; --minus: #ff9168; --zero: #4b5563; --plus: #6cb1ff; } }
            body { margin: 0 auto; max-width: 1500px; padding: 24px; background: var(--page); color: var(--ink);
              font: 15px/1.5 system-ui, sans-serif; }
            h1 { font-size: 22px; margin: 0 0 16px; } h2 { font-size: 17px; margin: 32px 0 8px; }
            .grid2 { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(560px, 100%), 1fr)); gap: 16px; }
            figure { margin: 0; padding: 12px; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
            figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; }
            svg text { fill: var(--soft); font-size: 11px; } .grid { stroke: var(--edge); }
            polyline { fill: none; stroke: var(--c); stroke-width: 1.8; } circle { fill: var(--c); }
            .faint polyline { stroke-width: 1; opacity: .4; }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            th, td { padding: 3px 14px 3px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--edge); }
            th { color: var(--soft); font-weight: 500; white-space: nowrap; }
            .key { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; }
            .bar { display: flex; width: 260px; height: 12px; } .bar i { display: block; }
            .sample { white-space: pre-wrap; max-width: 70ch; } .prompt { color: var(--soft); }
            """;

    private final List<RunLog> runs;
    private final StringBuilder out = new StringBuilder();

    private Report(List<RunLog> runs) {
        this.runs = runs;
    }

    /** The page. */
    public static String html(List<RunLog> runs) {
        return new Report(runs).page();
    }

    private String page() {
        String title =
                "Training: " + String.join(", ", runs.stream().map(RunLog::name).toList());
        out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(Html.text(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1>")
                .append(Html.text(title))
                .append("</h1>\n");
        figures();
        charts();
        for (int r = 0; r < runs.size(); r++) {
            codes(r);
        }
        samples();
        recipes();
        return out.append("</body></html>\n").toString();
    }

    // ---- tables

    private void figures() {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (RunLog run : runs) {
            TrainingListener.Step last =
                    run.steps().isEmpty() ? null : run.steps().getLast();
            TrainingListener.Validation seen =
                    run.validations().isEmpty() ? null : run.validations().getLast();
            double seconds = run.steps().stream()
                    .mapToDouble(TrainingListener.Step::seconds)
                    .sum();
            cell(rows, "weights", run.recipe().weights());
            cell(rows, "parameters", "%,d".formatted(run.parameters()));
            cell(
                    rows,
                    "steps",
                    "%,d of %,d"
                            .formatted(
                                    last == null ? 0 : last.step(), run.recipe().steps()));
            cell(rows, "tokens seen", last == null ? "0" : "%,d".formatted(last.tokens()));
            cell(
                    rows,
                    "training loss",
                    last == null
                            ? ""
                            : Html.number(smoothedLoss(run)[run.steps().size() - 1]));
            cell(rows, "held-out loss", seen == null ? "" : Html.number(seen.loss()));
            cell(rows, "held-out perplexity", seen == null ? "" : Html.number(seen.perplexity()));
            cell(
                    rows,
                    "held-out bits per byte",
                    seen == null || Double.isNaN(seen.bitsPerByte()) ? "" : Html.number(seen.bitsPerByte()));
            cell(
                    rows,
                    "tokens per second",
                    seconds == 0
                            ? ""
                            : Html.number(run.steps().size() * run.recipe().tokensPerStep() / seconds));
            cell(rows, "time in steps", Html.number(seconds / 3600) + " h");
            cell(rows, "state", run.end() == null ? "running" : run.end());
        }
        table(rows);
    }

    private static void cell(Map<String, List<String>> rows, String name, String value) {
        rows.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    /** Rows of one value per run, under the runs' names and colours. */
    private void table(Map<String, List<String>> rows) {
        out.append("<div class=\"scroll\"><table><tr><th></th>");
        for (int r = 0; r < runs.size(); r++) {
            out.append("<td>")
                    .append(key(r))
                    .append(Html.text(runs.get(r).name()))
                    .append("</td>");
        }
        out.append("</tr>\n");
        rows.forEach((name, values) -> {
            if (values.stream().allMatch(String::isEmpty)) {
                return;
            }
            out.append("<tr><th>").append(Html.text(name)).append("</th>");
            values.forEach(v -> out.append("<td>").append(Html.text(v)).append("</td>"));
            out.append("</tr>\n");
        });
        out.append("</table></div>\n");
    }

    private static String key(int run) {
        return "<span class=\"key\" style=\"background:var(--c%d)\"></span>".formatted(run % COLORS);
    }

    /** All fields of one run, or those of several runs that differ, then the rest. */
    private void recipes() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (RunLog run : runs) {
            fields("", RecipeJson.write(run.recipe()), all);
        }
        Map<String, List<String>> different = new LinkedHashMap<>();
        Map<String, List<String>> equal = new LinkedHashMap<>();
        all.forEach((name, values) -> (Set.copyOf(values).size() > 1 ? different : equal).put(name, values));
        if (!different.isEmpty()) {
            out.append("<h2>Where the recipes differ</h2>\n");
            table(different);
        }
        out.append(runs.size() > 1 ? "<h2>What they share</h2>\n" : "<h2>Recipe</h2>\n");
        table(equal);
    }

    private static void fields(String prefix, JsonNode node, Map<String, List<String>> into) {
        for (String name : node.propertyNames()) {
            if (node.path(name).isObject()) {
                fields(name + ".", node.path(name), into);
            } else {
                cell(into, prefix + name, node.path(name).asString());
            }
        }
    }

    // ---- charts

    private void charts() {
        Chart loss = new Chart("Training loss (nats per token; held-out with dots)", "tokens", false);
        Chart bits = new Chart("Held-out bits per byte", "tokens", false);
        Chart rate = new Chart("Learning rate", "tokens", false);
        Chart norm = new Chart("Norm of the gradient before clipping", "tokens", true);
        Chart flips = new Chart("Share of codes that flip per step", "tokens", true);
        Chart zeros = new Chart("Share of zeros, all matrices", "tokens", false);
        for (int r = 0; r < runs.size(); r++) {
            RunLog run = runs.get(r);
            int color = r % COLORS;
            double[] x = steps(run, TrainingListener.Step::tokens);
            loss.line(run.name() + ", each step", color, false, true, x, steps(run, TrainingListener.Step::loss));
            loss.line(run.name() + ", smoothed", color, false, false, x, smoothedLoss(run));
            double[] seen =
                    validations(run, v -> (double) v.step() * run.recipe().tokensPerStep());
            loss.line(
                    run.name() + ", held-out",
                    color,
                    true,
                    false,
                    seen,
                    validations(run, TrainingListener.Validation::loss));
            bits.line(run.name(), color, true, false, seen, validations(run, TrainingListener.Validation::bitsPerByte));
            rate.line(run.name(), color, false, false, x, steps(run, TrainingListener.Step::learningRate));
            norm.line(run.name(), color, false, false, x, steps(run, TrainingListener.Step::gradientNorm));
            flips(flips, run, color);
            zeros.line(
                    run.name(),
                    color,
                    false,
                    false,
                    run.codes().stream()
                            .mapToDouble(c -> (double) c.step() * run.recipe().tokensPerStep())
                            .toArray(),
                    run.codes().stream()
                            .mapToDouble(c -> mean(c.codes(), TrainingListener.Codes::zero))
                            .toArray());
        }
        out.append("<h2>Curves</h2>\n<div class=\"grid2\">\n");
        for (Chart chart : List.of(loss, bits, rate, norm, flips, zeros)) {
            if (!chart.isEmpty()) {
                out.append(chart.svg());
            }
        }
        out.append("</div>\n");
    }

    /** Flips are counted between reports, which may be many steps apart. */
    private static void flips(Chart chart, RunLog run, int color) {
        int n = Math.max(0, run.codes().size() - 1);
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            RunLog.CodesAt before = run.codes().get(i);
            RunLog.CodesAt after = run.codes().get(i + 1);
            x[i] = (double) after.step() * run.recipe().tokensPerStep();
            y[i] = mean(after.codes(), TrainingListener.Codes::flips) / Math.max(1, after.step() - before.step());
        }
        chart.line(run.name(), color, false, false, x, y);
    }

    private static double[] steps(RunLog run, ToDoubleFunction<TrainingListener.Step> value) {
        return run.steps().stream().mapToDouble(value).toArray();
    }

    private static double[] validations(RunLog run, ToDoubleFunction<TrainingListener.Validation> value) {
        return run.validations().stream().mapToDouble(value).toArray();
    }

    private static double mean(List<TrainingListener.Codes> codes, ToDoubleFunction<TrainingListener.Codes> value) {
        return codes.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    /** A mean that forgets, without the pull of its first value. */
    private static double[] smoothedLoss(RunLog run) {
        double[] smooth = new double[run.steps().size()];
        double memory = 1 - 1 / Math.clamp(smooth.length / 20.0, 1, SMOOTHED_OVER);
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < smooth.length; i++) {
            sum = memory * sum + run.steps().get(i).loss();
            weight = memory * weight + 1;
            smooth[i] = sum / weight;
        }
        return smooth;
    }

    // ---- codes and samples

    private void codes(int r) {
        RunLog run = runs.get(r);
        if (run.codes().isEmpty() || run.codes().getLast().codes().isEmpty()) {
            return;
        }
        RunLog.CodesAt last = run.codes().getLast();
        out.append("<h2>")
                .append(key(r))
                .append("Codes of ")
                .append(Html.text(run.name()))
                .append(" after step ");
        out.append(last.step())
                .append("</h2>\n<div class=\"scroll\"><table><tr><th>matrix</th>")
                .append(
                        "<th>&minus;1 | 0 | +1</th><th>&minus;1</th><th>0</th><th>+1</th><th>flips since the last count</th></tr>\n");
        for (TrainingListener.Codes c : last.codes()) {
            String bar = "<i style=\"width:%.1f%%;background:var(--%s)\"></i>";
            out.append("<tr><th>")
                    .append(Html.text(c.tensor().replaceFirst("^model\\.", "").replaceFirst("\\.weight$", "")))
                    .append("</th><td><div class=\"bar\">")
                    .append(String.format(java.util.Locale.ROOT, bar, 100 * c.minus(), "minus"))
                    .append(String.format(java.util.Locale.ROOT, bar, 100 * c.zero(), "zero"))
                    .append(String.format(java.util.Locale.ROOT, bar, 100 * c.plus(), "plus"))
                    .append("</div></td>");
            for (double share : new double[] {c.minus(), c.zero(), c.plus(), c.flips()}) {
                out.append(String.format(java.util.Locale.ROOT, "<td>%.2f %%</td>", 100 * share));
            }
            out.append("</tr>\n");
        }
        out.append("</table></div>\n");
    }

    /** The newest text of each prompt in full, older ones folded away. */
    private void samples() {
        if (runs.stream().allMatch(run -> run.samples().isEmpty())) {
            return;
        }
        out.append("<h2>Samples</h2>\n");
        for (int r = 0; r < runs.size(); r++) {
            List<RunLog.Sample> all = runs.get(r).samples();
            if (all.isEmpty()) {
                continue;
            }
            int newest = all.getLast().step();
            out.append("<p>")
                    .append(key(r))
                    .append(Html.text(runs.get(r).name()))
                    .append("</p>\n");
            all.stream().filter(s -> s.step() == newest).forEach(this::sample);
            Set<RunLog.Sample> older = new LinkedHashSet<>(all.reversed());
            older.removeIf(s -> s.step() == newest);
            if (!older.isEmpty()) {
                out.append("<details><summary>earlier ones</summary>\n");
                older.forEach(this::sample);
                out.append("</details>\n");
            }
        }
    }

    private void sample(RunLog.Sample s) {
        out.append("<p class=\"sample\"><span class=\"prompt\">step ")
                .append(s.step())
                .append(": ")
                .append(Html.text(s.prompt()))
                .append("</span>")
                .append(Html.text(s.text()))
                .append("</p>\n");
    }
}
