using System.ComponentModel.DataAnnotations;

namespace OrderFlow.Messaging.Configuration;

/// <summary>The address is an absolute one of HTTP, without user and password.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ManagementUrlAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) =>
        value is null or Uri { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" };

    // The value may hold a password, so it is not repeated.
    public override string FormatErrorMessage(string name) =>
        $"{name} must be an address such as http://localhost:15672, without user and password.";
}
