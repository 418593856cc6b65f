jars=$(echo /usr/share/java/{jaxws,jaxb,saaj,stax,streambuffer,metro-policy,gmbal,mimepull,istack-commons-runtime,javax.activation,jws-api,FastInfoset}*.jar | tr ' ' ':')
wsimport -quiet -keep -Xnocompile -p et "$SFMC_WSDL_URL"
javac -nowarn -cp "$jars" -d classes et/*.java Welcome.java
java -cp "classes:$jars" Welcome
