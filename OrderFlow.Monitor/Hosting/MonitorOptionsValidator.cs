using Microsoft.Extensions.Options;

namespace OrderFlow.Monitor.Hosting;

/// <summary>Checks the ranges that <see cref="MonitorOptions"/> declares.</summary>
[OptionsValidator]
internal sealed partial class MonitorOptionsValidator : IValidateOptions<MonitorOptions>;
