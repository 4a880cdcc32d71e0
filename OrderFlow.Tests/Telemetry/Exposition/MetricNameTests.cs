using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed class MetricNameTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", "Histogram", "http_server_request_duration_seconds", "seconds")]
    [InlineData("event_processing_end_to_end_latency_seconds", "s", "Histogram", "event_processing_end_to_end_latency_seconds", "seconds")]
    [InlineData("events.published", "{event}", "Counter", "events_published", "")]
    [InlineData("events_published_total", "{event}", "Counter", "events_published", "")]
    [InlineData("io.read_seconds_total", "s", "Counter", "io_read_seconds", "seconds")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", "Counter", "dotnet_gc_heap_total_allocated_bytes", "bytes")]
    [InlineData("cpu.utilization", "1", "Gauge", "cpu_utilization_ratio", "ratio")]
    [InlineData("retries", "1", "Counter", "retries", "")]
    [InlineData("disk.throughput", "By/s", "Gauge", "disk_throughput_bytes_per_second", "bytes_per_second")]
    [InlineData("arrivals", "{order}/s", "Gauge", "arrivals_per_second", "per_second")]
    [InlineData("frequency", "1/min", "Gauge", "frequency_per_minute", "per_minute")]
    [InlineData("fill", "%", "Gauge", "fill_percent", "percent")]
    [InlineData("order.value", "EUR", "Counter", "order_value_EUR", "EUR")]
    [InlineData("a..b--c//d", null, "Gauge", "a_b_c_d", "")]
    [InlineData("5xx.answers", null, "Counter", "_5xx_answers", "")]
    public void An_instrument_gets_the_name_that_Prometheus_expects(string instrument, string? unit, string kind, string family, string suffix) =>
        MetricName.Of(instrument, unit, Enum.Parse<FamilyKind>(kind)).ShouldBe(new MetricName(family, suffix));

    [Theory]
    [InlineData("dotnet.assembly.count", "{assembly}", "Gauge", "dotnet_assembly")]
    [InlineData("events_handler_active_count", null, "Gauge", "events_handler_active")]
    [InlineData("stock.total", null, "Gauge", "stock")]
    [InlineData("page.count.total", null, "Gauge", "page")]
    [InlineData("order.sum", "s", "Histogram", "order_seconds")]
    [InlineData("dotnet.thread_pool.work_item.count", "{work_item}", "Counter", "dotnet_thread_pool_work_item_count")]
    [InlineData("count", null, "Gauge", "count")]
    [InlineData("things", "count", "Gauge", "things")]
    public void What_is_no_counter_sheds_the_suffixes_of_samples(string instrument, string? unit, string kind, string family) =>
        MetricName.Of(instrument, unit, Enum.Parse<FamilyKind>(kind)).Family.ShouldBe(family);
}
