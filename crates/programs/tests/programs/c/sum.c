int sum(const unsigned char *bytes, int count)
{
    int total = 0;
    for (int i = 0; i < count; i++)
        total += bytes[i] * (i + 1);
    return total;
}
